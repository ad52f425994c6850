"""The methods, one small class each; `METHODS` lists them by name.

=================================  =============================================================
what must be given                 methods
=================================  =============================================================
nothing but images and classes     ERM, Mixup, GCE, LfF, JTT, LDD, BiasEnsemble, SelecMix, CNC
what kind of cue the bias is       ReBias
a small balanced set               DFR
the bias of every training image   Resample, Reweight, GroupDRO, IRM, VREx, LISA, EnD, Adversarial
=================================  =============================================================
"""

from __future__ import annotations

from internlab.debias.methods.adversarial import Adversarial
from internlab.debias.methods.base import Hyperparameter, Method, Needs
from internlab.debias.methods.bias_ensemble import BiasEnsemble
from internlab.debias.methods.cnc import CNC
from internlab.debias.methods.dfr import DFR
from internlab.debias.methods.end import EnD
from internlab.debias.methods.erm import ERM
from internlab.debias.methods.gce import GCE
from internlab.debias.methods.group_dro import GroupDRO
from internlab.debias.methods.irm import IRM
from internlab.debias.methods.jtt import JTT
from internlab.debias.methods.ldd import LDD
from internlab.debias.methods.lff import LfF
from internlab.debias.methods.lisa import LISA
from internlab.debias.methods.mixup import Mixup
from internlab.debias.methods.rebias import ReBias
from internlab.debias.methods.resample import Resample
from internlab.debias.methods.reweight import Reweight
from internlab.debias.methods.selecmix import SelecMix
from internlab.debias.methods.vrex import VREx

METHODS: dict[str, type[Method]] = {
    each.name: each
    for each in (
        ERM,
        Resample,
        Reweight,
        GroupDRO,
        IRM,
        VREx,
        LISA,
        EnD,
        Adversarial,
        Mixup,
        GCE,
        LfF,
        JTT,
        LDD,
        BiasEnsemble,
        SelecMix,
        CNC,
        ReBias,
        DFR,
    )
}

__all__ = [
    "CNC",
    "DFR",
    "ERM",
    "GCE",
    "IRM",
    "JTT",
    "LDD",
    "LISA",
    "METHODS",
    "Adversarial",
    "BiasEnsemble",
    "EnD",
    "GroupDRO",
    "Hyperparameter",
    "LfF",
    "Method",
    "Mixup",
    "Needs",
    "ReBias",
    "Resample",
    "Reweight",
    "SelecMix",
    "VREx",
]
