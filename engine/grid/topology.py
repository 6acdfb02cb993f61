"""Graph questions about a network: components and islands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def components(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Connected components in the order of their first node, each in the order of `nodes`."""
    parent = {node: node for node in nodes}

    def root(node: str) -> str:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in edges:
        if left in parent and right in parent:
            parent[root(left)] = root(right)
    groups: dict[str, list[str]] = {}
    for node in parent:
        groups.setdefault(root(node), []).append(node)
    return list(groups.values())


def islands(nodes: Sequence[str], edges: Iterable[tuple[str, str]], coupling: str) -> list[list[str]]:
    """The components that do not hold the coupling bus."""
    return [group for group in components(nodes, edges) if coupling not in group]
