"""Certificates by their number, for a server that changes its own. TEST ONLY."""

import pathlib
import subprocess

from ..process import Missing

SERVER = "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n"


class Issuer:
    def __init__(self, directory):
        directory.mkdir(mode=0o700)
        self.directory = directory
        self.certificate = directory / "ca.crt"
        self.extensions = directory / "server.ext"
        self.extensions.write_text(SERVER)
        self._openssl("req", "-x509", *key(directory / "ca.key"), "-subj", "/O=JetStream TEST ONLY/CN=rotation", "-days", "2", "-out", self.certificate)

    def issue(self, serial):
        """The certificate's file; its key lies beside it."""
        made = self.directory / f"{serial}.crt"
        request = made.with_suffix(".csr")
        self._openssl("req", *key(made.with_suffix(".key")), "-subj", "/O=JetStream TEST ONLY/CN=localhost", "-out", request)
        signed = ["-CA", self.certificate, "-CAkey", self.directory / "ca.key", "-set_serial", serial, "-days", "2"]
        self._openssl("x509", "-req", "-in", request, *signed, "-extfile", self.extensions, "-out", made)
        return made

    def _openssl(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, umask=0o077)
        if done.returncode != 0:
            raise Missing(f"openssl {words[0]} failed: {done.stdout.strip()}")


def key(path: pathlib.Path):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path]
