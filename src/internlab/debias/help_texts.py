"""What the command says of itself; apart, so that the command can be read."""

BENCH = """\
Train methods on data sets with a shortcut and rank them, over several seeds.

Methods: names of the kit's, all, or a file of your own ending in .py.
  without bias labels                erm mixup gce lff jtt ldd bias_ensemble selecmix cnc rebias
  with those of the training images  resample reweight group_dro irm vrex lisa end adversarial
  with a small balanced set          dfr
Data: coloured-mnist portraits textured-digits corrupted-textures, or folder:PATH/cmnist (or
cifar10c, bffhq) for a folder in the layout that the LDD authors published. A ratio is the share
of bias-aligned training images; of a folder, 0.995 is its 0.5pct.
A data set has a recipe: network, steps, batch size. A folder gets that of corrupted-textures, made
for small images and one CPU; --network, --steps, --batch and --device say otherwise. A folder as
it was published has no balanced set: dfr fails there and says so.

A line is printed after each stack of runs. OUT then holds runs.csv (one row a run), summary.csv,
one figure for each data set and ratio, and report.html. A grid that is stopped (Ctrl-C, a kill, a
power cut) goes on when the same command is given again; a further seed, method or ratio computes
only what is new. A run that fails is reported with its reason, and the others go on.
"""
TUNE = """\
Try the same number of settings of every method, and show what each selection rule chooses.

The first setting of a method is its default; the others are drawn from its ranges, the learning
rate among them. OUT then holds runs.csv, chosen.csv and report.html. What is computed is kept, and
shared with `bench` in the same OUT.
"""
EXAMPLES = """\
examples:
  python -m internlab.debias bench --methods erm resample lff --data coloured-mnist --seeds 3 \\
      --out results/
  python -m internlab.debias new my_method.py
  python -m internlab.debias bench --methods erm lff my_method.py --ratios 0.95 0.98 --out results/
  python -m internlab.debias tune --methods erm lff --settings 8 --out tuning/
a published set, on a GPU:
  python -m internlab.debias bench --methods erm lff ldd --data folder:/data/cmnist \\
      --ratios 0.995 --device cuda --network cnn --steps 10000 --out cmnist/

exit status: 0 done, 1 stopped or some runs failed, 2 not startable: an option, a file or the data
cannot be used, and the message says what was expected
"""
