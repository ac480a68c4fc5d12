"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on a free port, stopped and removed at the end."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "only for tests"


def programs():
    """The folder of initdb and pg_ctl, or None where PostgreSQL is not installed. In Debian it is not on the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


@contextmanager
def cluster(fsync=False):
    """The address of a running server's superuser, as postgresql://…; PostgreSQL never runs as root.

    fsync: wait for the disk, which only matters to how fast it is.
    """
    where, port = programs(), _free_port()
    with tempfile.TemporaryDirectory(prefix="nst-postgres-", ignore_cleanup_errors=True) as folder:
        as_whom = []
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            as_whom = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

        def run(program, *arguments):
            # pg_ctl's server keeps its output open, so that is no pipe.
            with open(Path(folder, "said"), "a+b") as said:
                command = [*as_whom, str(where / program), *arguments]
                done = subprocess.run(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd=folder)
                said.seek(0)
                assert done.returncode == 0, said.read().decode()

        Path(folder, "password").write_text(PASSWORD)
        data = f"{folder}/data"
        run("initdb", "-D", data, "-U", "root", "-A", "scram-sha-256", f"--pwfile={folder}/password", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        options += "" if fsync else " -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-o", options, "start")
        try:
            yield f"postgresql://root:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
