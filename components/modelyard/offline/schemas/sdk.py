"""What an installed Pulumi Python SDK says about its resources, read from its source without importing it.

The published provider schema is in no package that a Python project installs, but the SDK is generated from
it and keeps nearly all of it: the type token is on the resource class, the names that the provider uses are
on the property getters, and an input is required where its ``Args`` class gives it no default. Reading the
syntax tree costs a minute for all of AWS; importing it would cost gigabytes.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
LISTS_VALUES = re.compile(r"\b(?:(?:valid|allowed|possible|supported|accepted) values?|one of|can be|either)\b", re.I)
FORCES_REPLACEMENT = re.compile(r"\bforces? (?:a |the )?(?:creation of a )?(?:new|replacement)\b", re.I)
CONDITIONAL = re.compile(
    r"\b(?:if|when|unless|once|from|back|adding|removing|enabl\w+|disabl\w+|deployment|to force)\b", re.I
)
ASSETS = frozenset({"Asset", "Archive"})


@dataclass(slots=True)
class Shape:
    """One object type: ``Args`` of a resource, or a nested one."""

    properties: dict[str, str] = field(default_factory=dict)
    """Provider-side name to type expression: ``string``, ``[T]``, ``{T}``, ``@module/NameArgs``, ``A|B``."""
    constants: dict[str, str] = field(default_factory=dict)
    """Properties that allow a single text, such as ``apiVersion``."""
    required: list[str] = field(default_factory=list)
    documented: dict[str, list[str]] = field(default_factory=dict)
    """Values that the documentation of a property names."""
    enums: dict[str, list[str]] = field(default_factory=dict)
    """Values of the enum classes that the SDK suggests for a property."""
    replacing: list[str] = field(default_factory=list)
    """Properties whose documentation says that a change makes a new resource."""


@dataclass(slots=True)
class ResourceShape:
    """One resource type."""

    token: str
    inputs: Shape
    outputs: dict[str, str]
    secret_outputs: list[str]
    examples: list[str]
    """Python programs in the class's documentation."""


@dataclass(slots=True)
class Sdk:
    """All resource and nested types of one SDK, nested ones under ``<module>/<class name>``."""

    package: str
    version: str
    resources: dict[str, ResourceShape]
    types: dict[str, Shape]
    enums: dict[str, list[str]]
    whole: bool
    """Every module was read, so that a name which is not here does not exist."""


def read_sdk(package: str, modules: frozenset[str] | None = None) -> Sdk:
    """Read the SDK of ``package`` (``aws``, ``azure-native``) in the running interpreter's environment.

    ``modules`` limits the Python subpackages that are read (``{"ecr"}``, ``{"apps.v1"}``); all by default.
    Raises ``ModuleNotFoundError`` when the SDK is not installed.
    """
    name = f"pulumi_{package.replace('-', '_')}"
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is not installed: install pulumi-{package} and build again")
    root = Path(spec.origin).parent
    reader = _Reader(package, root, _token_modules(root))
    for path in sorted(root.rglob("*.py"), key=lambda p: (p.name != "_enums.py", p)):
        module = ".".join(path.relative_to(root).parent.parts)
        if modules is None or module in modules:
            reader.read(path, module)
    version = importlib.metadata.version(name)
    return Sdk(package, version, reader.resources, reader.types, reader.enums, modules is None)


def _token_modules(root: Path) -> dict[str, str]:
    """Python module (``networking.v1``) to the module part of its tokens (``networking.k8s.io/v1``)."""
    text = (root / "__init__.py").read_text(encoding="utf-8")
    found = re.findall(r'"mod":\s*"([^"]+)",\s*"fqn":\s*"[^".]+\.([^"]+)"', text)
    return {fqn: mod if "." in fqn else mod.split("/")[0] for mod, fqn in found}


class _Reader:
    def __init__(self, package: str, root: Path, token_modules: dict[str, str]) -> None:
        self.package = package
        self.root = root
        self.token_modules = token_modules
        self.resources: dict[str, ResourceShape] = {}
        self.types: dict[str, Shape] = {}
        self.enums: dict[str, list[str]] = {}

    def read(self, path: Path, module: str) -> None:
        source = path.read_text(encoding="utf-8")
        if "@pulumi.input_type" not in source and "@pulumi.type_token" not in source:
            return
        tree = ast.parse(source)
        imports = dict(_package_imports(tree, module))
        names = _Names(self, module, imports)
        args: dict[str, Shape] = {}
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            if _is_decorated(node, "input_type") and not node.name.startswith("_"):
                args[node.name] = shape = _read_args(node, names)
                if path.name == "_inputs.py":
                    self.types[names.key(module, node.name)] = shape
            elif (token := _token(node)) and _is_resource(node):
                inputs = args.get(f"{node.name}InitArgs") or args.get(f"{node.name}Args") or Shape()
                self.resources[token] = _read_resource(node, token, inputs, names)
            elif path.name == "_enums.py":
                self.enums[names.key(module, node.name)] = _read_enum(node)


@dataclass(slots=True)
class _Names:
    """Turns annotations of one source file into type expressions."""

    reader: _Reader
    module: str
    imports: dict[str, str]

    def key(self, module: str, class_name: str) -> str:
        return f"{self.reader.token_modules.get(module, module) or 'index'}/{class_name}"

    def expression(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return "any" if not isinstance(node.value, str) else self._class(node.value)
        if isinstance(node, ast.Name | ast.Attribute):
            return _plain_type(_dotted(node))
        if isinstance(node, ast.Subscript):
            return self._generic(_dotted(node.value).rpartition(".")[2], _arguments(node))
        return "any"

    def _generic(self, name: str, arguments: list[ast.expr]) -> str:
        match name:
            case "Input" | "Output" | "Optional" | "Awaitable":
                return self.expression(arguments[0])
            case "Sequence" | "List":
                return f"[{self.expression(arguments[0])}]"
            case "Mapping" | "Dict":
                return "{" + self.expression(arguments[1]) + "}"
            case "Literal":
                return "string"
            case "Union":
                # An enum class beside a plain type is a set of suggestions: the plain type is what counts.
                members = sorted({self.expression(a) for a in arguments} - {"enum"})
                return "any" if "any" in members else "|".join(members) or "string"
        return "any"

    def _class(self, name: str) -> str:
        """A forward reference: a nested ``Args`` class, an enum, or another resource."""
        prefix, _, class_name = name.rpartition(".")
        if prefix == "outputs" or prefix.endswith(".outputs"):
            return "object"
        if not class_name.endswith("Args"):
            return "enum"
        return "@" + self.key(self._module(prefix), class_name)

    def enum(self, name: object) -> str | None:
        """The key of an enum class that a forward reference names."""
        if not isinstance(name, str) or name.endswith("Args") or "outputs" in name:
            return None
        prefix, _, class_name = name.rpartition(".")
        return self.key(self._module(prefix), class_name)

    def _module(self, prefix: str) -> str:
        if not prefix:
            return self.module
        head, _, rest = prefix.partition(".")
        base = self.imports.get(head, head)
        return ".".join(filter(None, (base, rest)))


def _read_args(node: ast.ClassDef, names: _Names) -> Shape:
    shape = Shape()
    init = _method(node, "__init__")
    if init is None:
        return shape
    provider_names = {f.name: _getter_name(f) for f in _getters(node)}
    documentation = {_getter_name(f): ast.get_docstring(f) or "" for f in _getters(node)}
    for argument, default in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True):
        name = provider_names.get(argument.arg, argument.arg)
        if argument.annotation is None:
            continue
        expression = names.expression(argument.annotation)
        shape.properties[name] = "string" if expression == "enum" else expression.replace("enum", "string")
        if (constant := _literal(argument.annotation)) is not None:
            shape.constants[name] = constant
        if default is None:
            shape.required.append(name)
        enums = [names.enum(n.value) for n in ast.walk(argument.annotation) if isinstance(n, ast.Constant)]
        values = [v for e in enums if e for v in names.reader.enums.get(e, ())]
        text = documentation.get(name, "")
        if values:
            shape.enums[name] = values
        if values := _documented_values(text):
            shape.documented[name] = sorted(set(values))
        if _forces_replacement(text):
            shape.replacing.append(name)
    return shape


def _documented_values(text: str) -> list[str]:
    """The quoted words of the sentences that list what a property takes."""
    found: list[str] = []
    for match in LISTS_VALUES.finditer(text):
        sentence = re.split(r"\.\s|\n\s*\n", text[match.start() :], maxsplit=1)[0]
        found += [v.strip('"') for v in re.findall(r"`([^`\s]+)`", sentence)]
    return found


def _forces_replacement(text: str) -> bool:
    """Whether some sentence says, without a condition, that a change makes a new resource."""
    sentences = re.split(r"[.(;]\s*|\n", text)
    return any(FORCES_REPLACEMENT.search(s) and not CONDITIONAL.search(s) for s in sentences)


def _read_enum(node: ast.ClassDef) -> list[str]:
    values = [a.value.value for a in node.body if isinstance(a, ast.Assign) and isinstance(a.value, ast.Constant)]
    return [v for v in values if isinstance(v, str)]


def _read_resource(node: ast.ClassDef, token: str, inputs: Shape, names: _Names) -> ResourceShape:
    outputs: dict[str, str] = {}
    for getter in _getters(node):
        if getter.returns is not None:
            outputs[_getter_name(getter)] = names.expression(getter.returns).replace("enum", "string")
    secrets: list[str] = []
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        for keyword in call.keywords:
            if keyword.arg == "additional_secret_outputs":
                secrets = sorted(ast.literal_eval(keyword.value))
            elif keyword.arg == "replace_on_changes" and isinstance(keyword.value, ast.List):
                inputs.replacing += _whole_properties(ast.literal_eval(keyword.value))
    init = _method(node, "__init__")
    documentation = (ast.get_docstring(init) or "") if init else ""
    examples = re.findall(r"```python\n(.*?)```", documentation, re.DOTALL)
    return ResourceShape(token, inputs, outputs, secrets, examples)


def _whole_properties(paths: list[str]) -> list[str]:
    """The inputs among property paths; all of a list's items (``containers[*]``) are the list."""
    return [path.removesuffix("[*]") for path in paths if "." not in path]


def _package_imports(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    """Names that a file gives to modules of its own package: ``_meta`` to ``meta``."""
    parts = module.split(".") if module else []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level and node.module is None:
            base = parts[: len(parts) - (node.level - 1)]
            for alias in node.names:
                # A file of inputs, such as the root's, is no module of its own.
                own = [] if alias.name == "_inputs" else [alias.name]
                yield alias.asname or alias.name, ".".join([*base, *own])


def _token(node: ast.ClassDef) -> str | None:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _dotted(decorator.func).endswith("type_token"):
            return ast.literal_eval(decorator.args[0])
    return None


def _is_resource(node: ast.ClassDef) -> bool:
    """Enums carry a token too."""
    return any(_dotted(base).endswith("Resource") for base in node.bases)


def _is_decorated(node: ast.ClassDef, name: str) -> bool:
    return any(isinstance(d, ast.Attribute) and d.attr == name for d in node.decorator_list)


def _method(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == name), None)


def _getters(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and any("getter" in ast.dump(d) for d in item.decorator_list):
            yield item


def _getter_name(getter: ast.FunctionDef) -> str:
    for decorator in getter.decorator_list:
        if isinstance(decorator, ast.Call):
            for keyword in decorator.keywords:
                if keyword.arg == "name":
                    return ast.literal_eval(keyword.value)
    return getter.name


def _literal(node: ast.expr) -> str | None:
    for child in ast.walk(node):
        if isinstance(child, ast.Subscript) and _dotted(child.value).endswith("Literal"):
            value: Any = ast.literal_eval(child.slice)
            return value if isinstance(value, str) else None
    return None


def _arguments(node: ast.Subscript) -> list[ast.expr]:
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _plain_type(dotted: str) -> str:
    name = dotted.rpartition(".")[2]
    return "asset" if name in ASSETS else SCALARS.get(name, "any")
