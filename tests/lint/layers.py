#!/usr/bin/env python3
"""Who may use whom: the layering table of docs/layers.md, checked against every #include of the tree.

A folder includes only folders to its left; folders in one group never include each other.
"""
import pathlib
import re
import sys

HOST = [["base"], ["config"], ["link", "model", "results"],
        ["probe", "meter", "sensor", "dataset", "reference", "metric", "report"], ["run"], ["farm"], ["cli"]]
DEVICE = [["protocol"], ["agent"], ["runners"], ["boards"]]


def ranks(groups):
    return {name: (level, groups[level]) for level in range(len(groups)) for name in groups[level]}


HOST_RANK, DEVICE_RANK = ranks(HOST), ranks(DEVICE)


def host_may(user, used):
    if user == used:
        return True
    if user == "vboard":
        return used in ("base", "config")
    return used in HOST_RANK and HOST_RANK[used][0] < HOST_RANK[user][0]


def place(path):
    """The side and the folder of a file in the repository: ("host", "base")."""
    parts = path.parts
    if parts[0] == "host" and len(parts) > 2:
        return "host", parts[1]
    if parts[:3] == ("runners", "native", "engine"):
        return "engine", "engine"
    if parts[0] in DEVICE_RANK:
        return "device", parts[0]
    if parts[0] == "gui":
        return "gui", parts[1]
    return parts[0], ""


def allowed(user_side, user, used_side, used, in_test):
    if user_side == used_side == "host":
        return host_may(user, used)
    if user_side == "engine":
        return used_side == "engine"
    if user_side == "device":
        if used_side == "engine":
            return user in ("runners", "boards")
        return used_side == "device" and DEVICE_RANK[used][0] <= DEVICE_RANK[user][0]
    if user_side == "host":
        if used_side == "engine":
            return user in ("model", "reference")
        return used == "protocol" and (user == "link" or in_test)
    return True


def resolve(root, path, include):
    for base in (path.parent, root / "host", root / "runners/native", root):
        candidate = (base / include).resolve()
        if candidate.is_file() and root in candidate.parents:
            return candidate.relative_to(root)
    if include.endswith(".pb.h"):  # generated: stands where its .proto does
        proto = include.removesuffix(".pb.h") + ".proto"
        for base in ("host", "protocol", "."):
            if (root / base / proto).is_file():
                return pathlib.Path(base, include)
    return None


def violations(root):
    found, checked = [], 0
    for top in ("protocol", "agent", "runners", "boards", "host", "gui"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".h", ".c", ".cpp", ".hpp"):
                continue
            relative = path.relative_to(root)
            user_side, user = place(relative)
            in_test = "_test." in path.name
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                match = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
                if not match:
                    continue
                if re.match(r"Q[A-Z]|Qt", match[1]) and user_side != "gui":
                    found.append(f"{relative}:{number}: Qt appears in gui/ alone")
                target = resolve(root, path, match[1])
                if target is None:
                    continue
                checked += 1
                used_side, used = place(target)
                if used_side == "tests" and in_test:
                    continue
                if not allowed(user_side, user, used_side, used, in_test):
                    found.append(f"{relative}:{number}: {user or user_side} may not include {used or used_side} ({match[1]})")
    return found, checked


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    found, checked = violations(root)
    print("\n".join(found))
    print(f"{checked} includes checked, {len(found)} violations")
    return 1 if found or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
