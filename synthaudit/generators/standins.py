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
    BayesNet(draw="uniform"),
    BayesNet(draw="observed"),
    Interpolation(),
    NoisyBootstrap(),
    NoisyBootstrap(noise=0.2, flip=0.0),
)
"""Families and how they re-use values: exact donors (CART, three leaf sizes; copula and network
with observed values), values in between (copula, network), echoes of single rows (interpolation,
bootstrap with little noise, kernel smoothing). Independent margins are left out: shadows of them
teach nothing."""
