"""Functions and classes that answer requests → whether they want a login, or take no GET."""

from __future__ import annotations

from kforge.detectors.python_modules import called
from kforge.detectors.route_graph import LOGIN, METHOD, guards
from kforge.syntax.code_file import Class, Function
from kforge.syntax.expression import Call, Expression, Inline, Many, Pairs, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram

_POSTS = frozenset(("require_POST", "api_view", "require_http_methods"))
_OPEN = ("AllowAny",)


class Views:
    """The functions and classes of a program, by name."""

    def __init__(self, names: SourceProgram) -> None:
        self.functions: dict[str, Function] = {}
        self.classes = names.classes
        self._owned: dict[str, set[str]] = {}
        for file in names.files:
            for function in file.functions:
                self.functions.setdefault(function.name, function)
                self._owned.setdefault(function.owner, set()).add(function.name)
        self.locked = self._locked(names)

    def _locked(self, names: SourceProgram) -> bool:
        """Whether views of Django REST framework want a login unless they say otherwise."""
        said = [
            value
            for file in names.files
            for each in file.objects
            for key, value in each.items
            if key == "DEFAULT_PERMISSION_CLASSES"
        ]
        texts = [one.value for each in said if isinstance(each, Many) for one in each.items if isinstance(one, Text)]
        return any(text.rpartition(".")[2] in ("IsAuthenticated", "IsAdminUser") for text in texts)

    def guards(self, value: Expression | None, depth: int = 0) -> bool:
        """Whether something that routes depend on lets only known callers through: `[Depends(get_current_user)]`."""
        if value is None or depth > 2:
            return False
        if isinstance(value, Many):
            return any(self.guards(one, depth + 1) for one in value.items)
        if isinstance(value, Call):
            if value.last == "Security":
                return True
            inner = value.argument(0, "dependency")
            return guards(value.last) or (value.last == "Depends" and guards(called(inner)))
        return not isinstance(value, (Inline, Pairs)) and guards(dotted(value).rpartition(".")[2])

    def refuses(self, function: Function | None) -> str:
        """Why a function that answers is no probe; "" for one that is."""
        if function is None:
            return ""
        framework = False
        for decorator in function.decorators:
            last = called(decorator).rpartition(".")[2]
            framework = framework or last == "api_view"
            if last in _POSTS and not self._takes_get(decorator, last):
                return METHOD
            if last == "permission_classes" and isinstance(decorator, Call):
                return "" if self._opens(decorator.argument(0)) else LOGIN
            if guards(last):
                return LOGIN
        if framework and self.locked:
            return LOGIN
        values = [value for _, value in function.parameters if value is not None]
        if any(isinstance(one, Call) and one.last in ("Depends", "Security") and self.guards(one) for one in values):
            return LOGIN
        marked = [
            form for form in function.forms if "Depends(" in form or "Security(" in form or form.startswith("Current")
        ]
        return LOGIN if any(guards(form) for form in marked) else ""

    def refuses_class(self, name: str) -> str:
        """Why a class that answers is no probe; "" for one that is."""
        made = self.classes.get(name)
        if made is None:
            return ""
        methods = self._owned.get(name, set())
        if methods & {"post", "put"} and not methods & {"get", "head", "dispatch"}:
            return METHOD
        bases = [dotted(base).rpartition(".")[2] for base in made.bases[:MAX_GIVEN]]
        said = made.options.get("permission_classes")
        if said is not None:
            return "" if self._opens(said) else LOGIN
        if any(guards(base) or base.endswith("RequiredMixin") for base in bases):
            return LOGIN
        return LOGIN if self.locked and _of_framework(made, bases) else ""

    def _opens(self, said: Expression | None) -> bool:
        names = [dotted(one).rpartition(".")[2] for one in said.items] if isinstance(said, Many) else []
        return not any(name not in _OPEN and guards(name) for name in names)

    def _takes_get(self, decorator: Expression, last: str) -> bool:
        if last == "require_POST":
            return False
        given = (
            decorator.argument(0, "http_method_names", "request_method_list") if isinstance(decorator, Call) else None
        )
        if not isinstance(given, Many):
            return True
        return any(isinstance(one, Text) and one.value.upper() in ("GET", "HEAD") for one in given.items)


def _of_framework(made: Class, bases: list[str]) -> bool:
    return any(base.endswith(("APIView", "ViewSet", "GenericViewSet")) for base in bases)
