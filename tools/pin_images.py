"""Finds the digests of the images that deploy/ names by tag, and prints them: `make pin-images`.

A tag may be given another image; a digest is one image for ever. Docker asks the registry, so this
runs where Docker is and may reach it. The file that it writes is for `docker compose --env-file`.
"""

import re
import subprocess
import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
IN_COMPOSE = re.compile(r"\$\{(?P<name>[A-Z]+_IMAGE):-(?P<image>[^}]+)\}")
IN_DOCKERFILE = re.compile(r"^ARG (?P<name>[A-Z]+_IMAGE)=(?P<image>\S+)$", re.MULTILINE)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def images(folder: Path = DEPLOY) -> dict[str, str]:
    """Return the images by the names of their variables."""
    text = (folder / "compose.yaml").read_text(encoding="utf-8")
    found = {m["name"]: m["image"] for m in IN_COMPOSE.finditer(text)}
    text = (folder / "Dockerfile").read_text(encoding="utf-8")
    return found | {m["name"]: m["image"] for m in IN_DOCKERFILE.finditer(text)}


def digest_of(image: str) -> str:
    """Ask Docker for the digest of an image, of all platforms together."""
    command = [
        "docker",
        "buildx",
        "imagetools",
        "inspect",
        image,
        "--format",
        "{{.Manifest.Digest}}",
    ]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own words
    digest = answer.stdout.strip()
    if not DIGEST.fullmatch(digest):
        raise SystemExit(f"docker gave {digest!r} for {image}, which is no digest")
    return digest


def main() -> None:
    """Print a line for each image."""
    for name, image in sorted(images().items()):
        sys.stdout.write(f"{name}={image}@{digest_of(image)}\n")


if __name__ == "__main__":
    main()
