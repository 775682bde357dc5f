"""The generator-shadow attack: splits, worlds, features, calibration, classifier, attack."""

from synthaudit.attacks.shadow.attack import PLUGINS, ShadowEvidence

__all__ = ["PLUGINS", "ShadowEvidence"]
