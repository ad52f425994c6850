"""The eight checks: each finds its fault, is content with any cure, and not with a sham one."""

from __future__ import annotations

import pytest

from internlab.practice.repair import FAULTS
from internlab.practice.repair.checks import CANNOT_TELL, FOUND, GONE, check
from internlab.practice.repair.place import copy_broken
from internlab.practice.repair.repairs import REPAIRS, all_but, copy_with, mend
from internlab.practice.repair.runs import stated, train

ON_CPU = ("--seed", "0", "--device", "cpu")


def edit(place, file, old, new):
    path = place.repository / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def only(place, name):
    (finding,) = check(place, [name])
    return finding


def test_in_the_published_repository_faults_hide_each_other(tmp_path):
    states = {each.fault: each.state for each in check(copy_broken(tmp_path / "work"))}
    assert {name for name, state in states.items() if state == FOUND} == {
        "path",
        "encoding",
        "api",
        "mode",
        "pin",
    }
    assert {name for name, state in states.items() if state == CANNOT_TELL} == {
        "dtype",
        "seed",
        "device",
    }


def test_the_repaired_repository_passes_all_and_reaches_the_stated_number(tmp_path):
    place = copy_with(tmp_path / "work")
    assert [each.state for each in check(place)] == [GONE] * 8
    run = train(place, *ON_CPU)
    assert stated(place).reached_by(run.number)
    assert run.record["device"] == "cpu"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_alone_is_found_by_its_check(tmp_path, name):
    finding = only(copy_with(tmp_path / "work", name), name)
    assert finding.state == FOUND
    assert finding.symptom.endswith(".")
    # A symptom is what is seen: the cure must not be in it.
    for repair in REPAIRS[name]:
        assert repair.new.strip() not in finding.symptom


SHAMS = {
    "relative path": ("path", "pulses.py", '"/home/jiwon/work/tinyshift/Data/Parcels.csv"',
                      '"data/parcels.csv"', "elsewhere opens"),
    "wrong letters": ("path", "pulses.py", 'DATA = "/home/jiwon/work/tinyshift/Data/Parcels.csv"',
                      'DATA = __file__[:-9] + "Data/parcels.csv"', "spelt so"),
    "latin-1": ("encoding", "pulses.py", "open(path)", 'open(path, encoding="latin-1")',
                "no column"),
    "replaced": ("encoding", "pulses.py", "open(path)", 'open(path, errors="replace")',
                 "no column"),
    "one seed": ("seed", "train.py", "default_rng()", "default_rng(0)", "both give"),
    "star": ("pin", "requirements.txt", "pulsekit\n", "pulsekit==1.*\n", "pulsekit 1.5"),
    "warning off": ("dtype", "pulses.py", "import csv\n",
                    'import csv\nimport warnings\n\nwarnings.simplefilter("ignore")\n',
                    "A heavy parcel"),
}  # fmt: skip


@pytest.mark.parametrize("sham", SHAMS)
def test_a_sham_cure_is_found_as_well(tmp_path, sham):
    name, file, old, new, says = SHAMS[sham]
    place = copy_with(tmp_path / "work", name)
    edit(place, file, old, new)
    finding = only(place, name)
    assert finding.state == FOUND
    assert says in finding.symptom


def test_a_path_into_the_learners_own_folder_is_found(tmp_path):
    place = copy_with(tmp_path / "work", "path")
    own = (place.repository / "data" / "parcels.csv").as_posix()
    edit(place, "pulses.py", "/home/jiwon/work/tinyshift/Data/Parcels.csv", own)
    assert train(place, *ON_CPU).ended_well
    assert "outside the copy" in only(place, "path").symptom


OTHER_CURES = {
    "wider when read": ("dtype", "pulses.py", "dtype=np.int16", "dtype=float"),
    "said and not stopped": ("device", "backend.py", "            pass\n",
                             '            print("no CuPy, on the cpu")\n'),
    "switched by hand": ("mode", "evaluate.py", "    estimates =",
                         "    network.training = False\n    estimates ="),
    "older encoding's name": ("encoding", "pulses.py", "open(path)", 'open(path, encoding="uhc")'),
}  # fmt: skip


@pytest.mark.parametrize("cure", OTHER_CURES)
def test_another_cure_is_as_good(tmp_path, cure):
    name, file, old, new = OTHER_CURES[cure]
    place = copy_with(tmp_path / "work", name)
    edit(place, file, old, new)
    assert only(place, name).state == GONE


def test_a_check_that_does_not_exist_is_named(tmp_path):
    place = copy_broken(tmp_path / "work")
    with pytest.raises(ValueError, match="No check colour"):
        check(place, ["colour"])


def test_a_repair_is_made_once(tmp_path):
    place = copy_broken(tmp_path / "work")
    change = mend(place, "api")
    assert "-    duration = np.trapz(" in change and "+    duration = np.trapezoid(" in change
    with pytest.raises(ValueError, match="repaired already"):
        mend(place, "api")
    with pytest.raises(ValueError, match="No repair colour"):
        mend(place, "colour")


def test_every_fault_has_a_repair_and_the_others_are_all_but_it():
    assert list(REPAIRS) == list(FAULTS)
    assert all_but(["api"]) == ("path", "encoding", "dtype", "seed", "mode", "pin", "device")
