"""Choices that can be wrong, decided before anything is declared: pure functions over an environment.

Each returns a small dataclass, or the problems that make it impossible.
"""
