"""The built-ins that are sensible guesses when the generator of a release is unknown."""

from __future__ import annotations

from synthaudit.generators.bayes_net import BayesNet
from synthaudit.generators.cart import Cart
from synthaudit.generators.copula import Copula
from synthaudit.generators.interpolation import Interpolation
from synthaudit.generators.noisy_bootstrap import NoisyBootstrap
from synthaudit.types import Generator

STAND_INS: tuple[Generator, ...] = (
    Cart(min_leaf=1),
    Cart(min_leaf=5),
    Cart(min_leaf=20),
    Copula(margins="observed"),
    Copula(margins="interpolated"),
    Copula(margins="beta"),
    BayesNet(draw="uniform"),
    BayesNet(draw="observed"),
    BayesNet(bins=20, draw="range"),
    Interpolation(),
    NoisyBootstrap(noise=0.1, flip=0.1, scale="spread"),
    NoisyBootstrap(noise=0.3, flip=0.2, scale="spread"),
)
"""Families and how they re-use values: exact donors (CART, three leaf sizes; copula and network
with observed values), values in between (copula, network), smooth margins (copula, network),
echoes of single rows (interpolation, training rows with some or much noise). Independent margins
are left out: shadows of them teach nothing."""
