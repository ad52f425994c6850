"""How a comparison can mislead, and what protects it.

- `regions`: which pixels are asked, the whole image or the road only
- `prevalence`: average precision at another base rate
- `leaderboard`: a public half, a hidden half, and many submissions
- `image_counts`: what each image adds to a metric, so that splits can be drawn again and again
- `replays`: how much of a gain on the public half is there on the hidden one, over many splits
- `settings`: knobs of a dense detector, an honest family to tune over
- `shift`: fog and night, where the picture changes and nothing in it is new
- `published`: cited results, in columns of their own
"""
