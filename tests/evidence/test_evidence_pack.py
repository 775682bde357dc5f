"""The pack: what is in it, that one flipped byte is noticed, who signed it, replaying it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from finished_audits import QUICK, few_checks, flags, run_command, without_slow_checks

from synthaudit.corridor import AuditRun
from synthaudit.errors import InputError, UsageError
from synthaudit.evidence import manifest, pack
from synthaudit.evidence.canonical import canonical, readable
from synthaudit.evidence.digests import keyed, keyed_digest, match
from synthaudit.evidence.pack import write_pack
from synthaudit.evidence.policy_file import policy_toml
from synthaudit.evidence.replay import differences, replay, request_of
from synthaudit.evidence.signing import Signer, pae
from synthaudit.evidence.verify import verify_pack
from synthaudit.gate.rejudge import used
from synthaudit.policy import PRESETS, Policy
from synthaudit.report.model import AuditReport
from synthaudit.types import AuditConfig

Cases = dict[str, dict[str, Path]]


def make_key(folder: Path) -> tuple[Path, Path]:
    """A key pair as the docs make it."""
    private, public = folder / "key.pem", folder / "public.pem"
    commands = (
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", private],
        ["openssl", "pkey", "-in", private, "-pubout", "-out", public],
    )
    for command in commands:
        subprocess.run([*map(str, command)], check=True, capture_output=True)
    return private, public


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_key(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def signed(
    finished: dict[str, AuditRun],
    keys: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    out = tmp_path_factory.mktemp("signed")
    write_pack(finished["null"].report, out, Signer.load(keys[0]))
    return out


def test_the_pack_holds_everything_and_nothing_of_the_tables(
    signed: Path, case_files: Cases
) -> None:
    folder = signed / "evidence"
    assert {path.name for path in folder.iterdir()} == pack.KNOWN
    listed = manifest.read_manifest((folder / manifest.NAME).read_bytes())
    assert {item.path for item in listed} == pack.KNOWN - {manifest.NAME, pack.ATTESTATION}
    environment = json.loads((folder / "environment.json").read_text())
    assert environment["started"] <= environment["ended"] and environment["cores"] >= 1
    config = json.loads((folder / "config.json").read_text())
    assert {field.name for field in fields(AuditConfig)} <= set(config) and config["command"]
    incomes = {
        text
        for role in ("train", "holdout", "synthetic")
        for text in pd.read_csv(case_files["null"][role])["income"].astype(str)
        if len(text) >= 7
    }
    everything = b"".join(path.read_bytes() for path in folder.iterdir()).decode()
    assert incomes and not [text for text in incomes if text in everything]


def test_people_get_what_was_skipped_and_blanks_to_fill_in(signed: Path) -> None:
    limits = (signed / "evidence" / "limitations.md").read_text()
    for words in (
        "Insider",
        "Stand-in",
        "150 members and 150",
        "cannot be resolved",
        "random part",
    ):
        assert words in limits
    sheet = (signed / "evidence" / "sheet.md").read_text()
    assert sheet.count("to be filled in") == 6 and "**INCONCLUSIVE**" in sheet
    assert len(sheet.splitlines()) < 60  # one page
    threats = (signed / "evidence" / "threat-model.md").read_text()
    assert threats.count("**Not tried.**") == 2 and threats.count("Tried.") == 1


@pytest.mark.parametrize("preset", PRESETS)
def test_the_policy_file_is_the_policy(preset: str) -> None:
    policy = Policy.load(preset)
    assert Policy.parse(policy_toml(used(policy))) == policy


def test_an_intact_pack_verifies_with_and_without_the_key(
    signed: Path, keys: tuple[Path, Path]
) -> None:
    with_key = verify_pack(signed, public_key=keys[1])
    assert with_key.holds and all(check.holds for check in with_key.checks), with_key.to_text()
    without = verify_pack(signed / "evidence")
    assert without.holds and "does not say whose key" in without.to_text()


def flips(content: bytes, rng: np.random.Generator) -> list[int]:
    """Positions worth flipping: both ends, and some in between."""
    inside = rng.integers(0, len(content), 3).tolist()
    return sorted({0, len(content) - 1, *inside})


@pytest.mark.parametrize("name", sorted(pack.KNOWN))
def test_one_flipped_byte_is_noticed(signed: Path, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    shutil.copytree(signed / "evidence", folder)
    content = (folder / name).read_bytes()
    rng = np.random.default_rng(7)
    for position in flips(content, rng):
        bit = 1 << int(rng.integers(0, 8))
        changed = bytearray(content)
        changed[position] ^= bit
        (folder / name).write_bytes(bytes(changed))
        # without the signer's key: integrity does not hang on it
        assert not verify_pack(tmp_path).holds, f"{name}, byte {position}, bit {bit}"
    (folder / name).write_bytes(content)
    assert verify_pack(tmp_path).holds


def test_every_byte_of_the_attestation_counts(signed: Path, tmp_path: Path) -> None:
    shutil.copytree(signed / "evidence", tmp_path / "evidence")
    target = tmp_path / "evidence" / pack.ATTESTATION
    content = target.read_bytes()
    for position in range(0, len(content), 83):
        changed = bytearray(content)
        changed[position] ^= 1
        target.write_bytes(bytes(changed))
        assert not verify_pack(tmp_path).holds, position


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Change a file and write a manifest to match, as a forger would."""
    (folder / name).write_bytes(content)
    (folder / pack.ATTESTATION).unlink(missing_ok=True)
    (folder / pack.PUBLIC_KEY).unlink(missing_ok=True)
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.name != manifest.NAME}
    old = json.loads((folder / manifest.NAME).read_bytes())
    text = manifest.manifest_text(files, old["created"], old["tool"]["version"])
    (folder / manifest.NAME).write_text(text)


def test_a_forged_pack_with_a_fresh_manifest_contradicts_itself(
    signed: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    report = (signed / "evidence" / "result.json").read_text()
    forgeries = {
        "result.json": report.replace('"INCONCLUSIVE"', '"PASS"', 1).encode(),
        "policy.toml": (signed / "evidence" / "policy.toml").read_bytes().replace(b"0.1", b"0.9"),
        "sheet.md": (signed / "evidence" / "sheet.md").read_bytes().replace(b"not settled", b"met"),
    }
    for name, content in forgeries.items():
        folder = tmp_path / name / "evidence"
        shutil.copytree(signed / "evidence", folder)
        rewrite(folder, name, content)
        assert not verify_pack(folder).holds, name
    # a whole other audit, consistent in itself, is still not what the key signed
    folder = tmp_path / "other" / "evidence"
    shutil.copytree(signed / "evidence", folder)
    environment = json.loads((folder / "environment.json").read_text())
    rewrite(folder, "environment.json", readable({**environment, "cores": 64}).encode())
    assert verify_pack(folder).holds and not verify_pack(folder, public_key=keys[1]).holds


def test_another_build_is_not_held_to_its_words(
    finished: dict[str, AuditRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(pack, "code_digest", lambda: "0" * 64)
        folder = write_pack(finished["null"].report, tmp_path)
    rewrite(folder, "sheet.md", b"# The sheet as another build would write it\n")
    # an older build knew fewer keys; one that changed a value is not excused
    data = json.loads((folder / "result.json").read_text())
    del data["attempts"], data["coverage"]["note"]
    rewrite(folder, "result.json", readable(data).encode())
    found = verify_pack(tmp_path)
    assert found.holds and "another build" in found.to_text()
    rewrite(folder, "result.json", readable({**data, "seed": 0.5}).encode())
    assert not verify_pack(tmp_path).holds
    rewrite(folder, "result.json", readable(data).encode())
    # a verdict that this build would not give is pointed out
    text = (folder / "result.json").read_text().replace('"INCONCLUSIVE"', '"PASS"', 1)
    rewrite(folder, "result.json", text.encode())
    assert "this one says INCONCLUSIVE" in verify_pack(tmp_path).to_text()


def test_strangers_missing_files_and_links_are_noticed(signed: Path, tmp_path: Path) -> None:
    for spoil in ("stranger", "missing", "link"):
        folder = tmp_path / spoil
        shutil.copytree(signed / "evidence", folder)
        if spoil == "stranger":
            (folder / "note.txt").write_text("trust me")
        else:
            (folder / "sheet.md").unlink()
        if spoil == "link":
            (folder / "sheet.md").symlink_to(signed / "evidence" / "sheet.md")
        assert not verify_pack(folder).holds
    with pytest.raises(InputError, match=r"MANIFEST\.json"):
        verify_pack(tmp_path / "nothing")


def test_the_signature_is_dsse_over_in_toto_and_openssl_agrees(
    signed: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    envelope = json.loads((signed / "evidence" / pack.ATTESTATION).read_text())
    payload = base64.b64decode(envelope["payload"])
    statement = json.loads(payload)
    assert canonical(statement) == payload
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicate"]["result"] == "WARNED"
    subjects = {subject["name"]: subject["digest"] for subject in statement["subject"]}
    listing = (signed / "evidence" / manifest.NAME).read_bytes()
    assert subjects[manifest.NAME] == {"sha256": manifest.sha256(listing)}
    assert set(subjects) == {manifest.NAME, "train", "holdout", "synthetic"}
    # an independent implementation checks what was signed
    (tmp_path / "pae").write_bytes(pae(envelope["payloadType"], payload))
    (tmp_path / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(keys[1]), "-rawin",
         "-in", str(tmp_path / "pae"), "-sigfile", str(tmp_path / "sig")],
        check=True, capture_output=True,
    )  # fmt: skip
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"  # the DSSE specification's
    )


def test_another_key_and_no_key_are_refused(
    signed: Path, tmp_path: Path, keys: tuple[Path, Path]
) -> None:
    _, other = make_key(tmp_path)
    found = verify_pack(signed, public_key=other)
    assert not found.holds and "another key" in found.to_text()
    with pytest.raises(InputError, match="no private key"):
        Signer.load(keys[1])
    rsa = tmp_path / "rsa.pem"
    subprocess.run(["openssl", "genrsa", "-out", str(rsa), "2048"], check=True, capture_output=True)
    with pytest.raises(InputError, match="Ed25519"):
        Signer.load(rsa)


def test_digests_can_be_keyed_and_tables_still_recognised(
    finished: dict[str, AuditRun], case_files: Cases, tmp_path: Path
) -> None:
    key = b"0123456789abcdef"
    report = finished["null"].report
    hidden = keyed(report, key)
    path = case_files["null"]["train"]
    assert hidden.inputs.train.sha256 == keyed_digest(report.inputs.train.sha256, key)
    folder = write_pack(hidden, tmp_path)
    everything = b"".join(p.read_bytes() for p in folder.iterdir()).decode()
    for _, table in report.inputs.tables():
        assert table.sha256 not in everything and str(table.sha256_content) not in everything
    assert match(hidden.inputs, "train", path, key).same_bytes
    assert not match(hidden.inputs, "train", path, b"another key of 16").is_same
    shuffled = tmp_path / "shuffled.parquet"
    frame = pd.read_csv(path, parse_dates=["joined"]).sample(frac=1, random_state=0)
    frame.to_parquet(shuffled)
    again = match(hidden.inputs, "train", shuffled, key)
    assert again.is_same and not again.same_bytes
    with pytest.raises(UsageError, match="--digest-key"):
        match(hidden.inputs, "train", path)


def test_replay_finds_no_difference_and_then_the_one_that_was_made(
    finished: dict[str, AuditRun], case_files: Cases, tmp_path: Path
) -> None:
    write_pack(finished["null"].report, tmp_path)
    with few_checks():
        found = replay(tmp_path, case_files["null"], jobs=1)
    assert found.is_same, found.to_text()
    assert "nothing differs" in found.to_text()
    text = finished["null"].report.to_json()
    recorded = AuditReport.from_json(text)
    power = recorded.power.model_copy(update={"min_auc": 0.5})  # type: ignore[union-attr]
    (difference,) = differences(recorded.model_copy(update={"power": power}), found.replayed)
    assert difference.where == "power.min_auc" and difference.recorded == 0.5
    with pytest.raises(InputError, match="train is not the table"):
        replay(tmp_path, {**case_files["null"], "train": case_files["null"]["holdout"]})


def test_a_request_comes_back_from_its_record() -> None:
    from synthaudit.request import AuditRequest

    policy = Policy.load("strict")
    asked = AuditRequest(
        seed=3, attacks=("tracing",), policy=policy, generator="cart:min_leaf=5",
        filters=("dcr:0.3", "dedup"), shadows=8, max_candidates=50, schema=Path("schema.toml"),
        group_key="who", split="random", prevalence=0.01, exposure_by=("town",), selftest=True,
    )  # fmt: skip
    config = asked.config(policy, "cart:min_leaf=5 | dcr:0.3 | dedup", 2)
    assert request_of(config, policy, Path("schema.toml")) == asked
    # whatever is recorded can be asked for again, settings that come later included
    asked_for = {field.name for field in fields(AuditRequest)}
    assert {field.name for field in fields(AuditConfig)} - asked_for == {"plugin_settings"}


@pytest.mark.slow
def test_the_commands_from_audit_to_replay(
    case_files: Cases, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    tables = flags(case_files["leaky"])
    secret = tmp_path / "secret"
    secret.write_text("a key nobody would guess\n")
    log = tmp_path / "log.jsonl"
    where = without_slow_checks(tmp_path)
    audited = run_command(
        "audit", *tables, "--out", tmp_path / "out", "--attacks", ",".join(QUICK), "--shadows", 0,
        "--evidence", "--sign-key", keys[0], "--digest-key", secret, "--log", log, "--quiet",
        PYTHONPATH=where,
    )  # fmt: skip
    assert audited.returncode == 1, audited.stderr
    pack_report = (tmp_path / "out" / "evidence" / "result.json").read_bytes()
    assert pack_report == (tmp_path / "out" / "report.json").read_bytes()
    (line,) = log.read_text().splitlines()
    assert json.loads(line)["report"] == manifest.sha256(pack_report)
    checked = run_command(
        "verify", tmp_path / "out", "--public-key", keys[1], "--digest-key", secret,
        "--synthetic", case_files["leaky"]["synthetic"],
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Its verdict: FAIL" in checked.stdout and "byte for byte" in checked.stdout
    again = run_command(
        "replay", tmp_path / "out", *tables, "--digest-key", secret, "--jobs", 1, PYTHONPATH=where
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert "nothing differs" in again.stdout
    page = tmp_path / "out" / "report.html"
    page.write_text(page.read_text().replace("FAIL", "PASS"))
    broken = run_command("verify", tmp_path / "out")
    assert broken.returncode == 1 and "not the report in the pack" in broken.stdout
    alone = run_command("audit", *tables, "--sign-key", keys[0])
    assert alone.returncode == 2 and "--evidence" in alone.stderr
