"""Manifests keep the published JSON schema."""

import hashlib
import json
from importlib.resources import files

import jsonschema
import pytest
from designs import DESIGNS, packed


SCHEMA = json.loads(files("windrow.packages").joinpath("manifest.schema.json").read_text())


@pytest.mark.parametrize("name", DESIGNS)
def test_a_manifest_keeps_the_schema(name: str) -> None:
    manifest = json.loads(packed(name).files[f"{name}.json"])
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(manifest, SCHEMA)
    assert set(manifest) <= set(SCHEMA["properties"])
    for key in ("tools", "input", "files"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({k: v for k, v in manifest.items() if k != key}, SCHEMA)


@pytest.mark.parametrize("name", DESIGNS)
def test_every_file_is_listed_with_its_checksum(name: str) -> None:
    built = packed(name)
    manifest = json.loads(built.files[f"{name}.json"])
    assert manifest["files"] == {
        file: hashlib.sha256(text.encode()).hexdigest()
        for file, text in built.files.items() if file != f"{name}.json"}
    assert {file for each in manifest["packages"].values() for file in each} <= {
        *manifest["files"]}
