"""Sphinx's settings for the book; `python -m book` writes the pages that it builds."""

project = "internlab"
author = "internlab authors"
language = "en"
html_title = "internlab"

extensions = ["myst_nb", "book.mathml", "book.korean"]
exclude_patterns = []
smartquotes_action = "q"  # quotation marks only: a double hyphen belongs to a command's option

# The lessons keep the outputs they were committed with.
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "myst"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
nitpicky = True

highlight_language = "none"  # a block that names no language is a command line
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "github-dark"
html_theme = "furo"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0059a8",
        "color-brand-content": "#0059a8",
        "font-stack": "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans KR', "
        "'Apple SD Gothic Neo', 'Malgun Gothic', NanumGothic, sans-serif",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cb7ff",
        "color-brand-content": "#7cb7ff",
    },
}
html_static_path = ["static"]
html_css_files = ["book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_math_renderer = "mathml"
html_search_language = "en-ko"
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_use_index = False
