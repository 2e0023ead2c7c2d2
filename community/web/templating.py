"""Templates: the Jinja2 environment of a theme, and the two ways to render with it.

`FastEnvironment` escapes exactly as Jinja2 does but without building a ``Markup`` object for every output; a
test compares both. Macros are reached as ``ui.<macro>(…)`` without an import, in pages and single blocks.
"""

from collections.abc import Callable
from functools import lru_cache
from gettext import NullTranslations
from types import FunctionType
from typing import Any

from jinja2 import Environment, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator
from jinja2.compiler import Frame as CompilerFrame
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from community.core import i18n
from community.core.memory import Memory
from community.web.parts import Frame, picture
from community.web.theming import STYLESHEET, Theme

try:
    from markupsafe._speedups import _escape_inner
except ImportError:  # no wheel with the compiled part for this platform
    from markupsafe._native import _escape_inner

MACROS = "macros.html"


def output(
    value: object,
    _inner: Callable[[str], str] = _escape_inner,
    _markup: type = Markup,
    _str: type = str,
    _int: type = int,
    _type: Callable[[object], type] = type,
) -> str:
    """The text a template expression writes: escaped unless it is Markup; the same as ``str(escape(value))``.

    The names bound as defaults are looked up faster; this runs some hundred times for a page.
    """
    kind = _type(value)
    if kind is _str:
        return _inner(value)  # type: ignore[arg-type]
    if kind is _markup:
        return value  # type: ignore[return-value]
    if kind is _int:
        return _str(value)
    return _str(escape(value))


class FastCodeGenerator(CodeGenerator):
    """Compiles ``{{ value }}`` to a call of `output` instead of ``escape``."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: CompilerFrame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("environment.output(")
        if finalize.src is not None:
            self.write(finalize.src)


class FastContext(Context):
    """Calls macros and plain functions straight away; Jinja2 asks every callable four questions first."""

    def call(__self, __callable: Callable[..., Any], /, *args: Any, **variables: Any) -> Any:  # noqa: N805
        kind = type(__callable)
        plain = kind is FunctionType and not hasattr(__callable, "jinja_pass_arg")
        if kind is not Macro and not plain:
            return super().call(__callable, *args, **variables)
        if variables:
            # Where the call stands in the template; only functions that ask for the context want that.
            variables.pop("_block_vars", None)
            variables.pop("_loop_vars", None)
        if plain:
            return __callable(*args, **variables)
        # What pass_eval_context would hand over: whether the place of the call escapes.
        return __callable(__self.eval_ctx, *args, **variables)


class FastEnvironment(Environment):
    """A Jinja2 environment whose templates write their output without Markup objects."""

    code_generator_class = FastCodeGenerator
    context_class = FastContext
    output = staticmethod(output)


# --- what templates may call --------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _plain_text(translations: NullTranslations, message: str) -> Markup:
    """A text without variables; {% trans %} doubles percent signs in the message id all the same."""
    return Markup(translations.gettext(message).replace("%%", "%"))  # noqa: S704 - from our catalogues


def _filled_in(text: str, variables: dict[str, Any]) -> Markup:
    """A translation as Markup (catalogues are ours), with the variables escaped into it."""
    return Markup(text) % variables  # noqa: S704 - from our catalogues


def _gettext(message: str, /, **variables: Any) -> Markup:
    if not variables:
        return _plain_text(i18n.translations(), message)
    return _filled_in(i18n.gettext(message), variables)


def _ngettext(singular: str, plural: str, num: int, /, **variables: Any) -> Markup:
    variables.setdefault("num", num)
    return _filled_in(i18n.ngettext(singular, plural, num), variables)


def _pgettext(context: str, message: str, /, **variables: Any) -> Markup:
    text = i18n.pgettext(context, message)
    return _filled_in(text, variables) if variables else Markup(text.replace("%%", "%"))  # noqa: S704 - from our catalogues


def _npgettext(context: str, singular: str, plural: str, num: int, /, **variables: Any) -> Markup:
    variables.setdefault("num", num)
    return _filled_in(i18n.npgettext(context, singular, plural, num), variables)


KEPT_PREFIX = "kept_"
MOST_KEPT = {"kept_post": 5000, "kept_solution": 1000, "kept_row": 4000}
"""Results that are remembered of these macros. A post with what surrounds it is about four kilobytes, a row one."""
MOST_KEPT_OF_OTHERS = 500

SUBMISSION_MARK, PATH_MARK, QUERY_MARK = "\ufdd0", "\ufdd1", "\ufdd2"
"""Stand in what is remembered for what differs from page to page: the key of a form that is being shown, the address
of the page, the words in the search field. Noncharacters, so no text holds them."""


def _kept(name: str, macro: Macro) -> Callable[..., str]:
    """The macro with a memory: the same arguments in the same language give the same text.

    Only for macros that read nothing but their arguments. A view says all that its viewer may see and do, so nobody
    gets what was made for somebody else. What cannot be a key is made anew.
    """
    memory: Memory[tuple[str, tuple[Any, ...]], str] = Memory(MOST_KEPT.get(name, MOST_KEPT_OF_OTHERS))

    def kept(*arguments: Any) -> str:
        key = (i18n.language(), arguments)
        try:
            text = memory.find(key)
        except TypeError:
            return macro(*arguments)
        return memory.keep(key, macro(*arguments)) if text is None else text

    return kept


class _Macros:
    """``ui`` in templates: all macros as attributes.

    They come from ``macros.html``, where a theme puts those it changes, then from the files in ``macros/``.
    Macros call each other through ``ui`` too, so a changed one is used everywhere.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        # Stock Jinja2 is what the fast one is compared with, in tests and in the benchmark: it remembers nothing.
        self._keeps = isinstance(environment, FastEnvironment)
        names = environment.list_templates(filter_func=lambda name: name.startswith("macros/"))
        own = environment.list_templates(filter_func=lambda name: name == MACROS)
        self._files = [*own, *sorted(names)]

    def __getattr__(self, name: str) -> Any:
        for file in self._files:
            macro = getattr(self._environment.get_template(file).module, name, None)
            if macro is not None:
                if not self._environment.auto_reload:
                    if self._keeps and name.startswith(KEPT_PREFIX):
                        macro = _kept(name, macro)
                    setattr(self, name, macro)
                return macro
        raise AttributeError(f"There is no macro {name!r} in {', '.join(self._files)}")


def _icons(theme: Theme) -> Callable[[str, str], Markup]:
    """``icon("bell")`` in templates: a picture from the sprite, in the colour of the text around it."""
    made: dict[tuple[str, str, str], Markup] = {}

    def icon(name: str, css_class: str = "") -> Markup:
        sprite = theme.static("icons.svg")
        key = (sprite, name, css_class)
        if key not in made:
            drawing = Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>')
            made[key] = drawing.format(f"i {css_class}".strip(), sprite, name)
        return made[key]

    return icon


def _lasting(frame: Frame) -> Frame:
    """What header and footer show of the frame, the same on many pages of a viewer: what differs is a mark.

    Only the pages that the navigation leads to keep their address, as it says which one it is.
    """
    is_in_navigation = frame.path in ("/", f"/{frame.section}")
    return Frame(
        language=frame.language,
        viewer=frame.viewer,
        languages=frame.languages,
        section=frame.section,
        path=frame.path if is_in_navigation else PATH_MARK,
        mode=frame.mode,
        mode_url=frame.mode_url,
        legal=frame.legal,
        spaces=frame.spaces,
        query=QUERY_MARK if frame.query else "",
        ask_url=frame.ask_url,
        development=frame.development,
    )


def _as_it_is(frame: Frame) -> Frame:
    """Where nothing is remembered, nothing has to be marked."""
    return frame


class _SiteOfReader:
    """``site`` in templates: what the site is called in the language of the page that is being made."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def __getattr__(self, name: str) -> str:
        return str(getattr(self._theme.site, name))


def build_environment(theme: Theme, environment_class: type[Environment] = FastEnvironment) -> Environment:
    """The environment for one theme. `environment_class` is another one only where a test compares both."""
    environment = environment_class(
        loader=theme.loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=theme.watching,
        extensions=["jinja2.ext.i18n"],
        cache_size=-1,
    )
    # The extension's own switch: {% trans %} then hands its variables over instead of formatting by itself.
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(
        _=_gettext,
        gettext=_gettext,
        ngettext=_ngettext,
        pgettext=_pgettext,
        npgettext=_npgettext,
        number=i18n.number,
        percent=i18n.percent,
        static=theme.static,
        stylesheet=lambda: theme.static(STYLESHEET),
        site=_SiteOfReader(theme),
        icon=_icons(theme),
        submission_mark=SUBMISSION_MARK,
        lasting=_lasting if environment_class is FastEnvironment else _as_it_is,
    )
    environment.filters["picture"] = picture
    environment.globals["ui"] = _Macros(environment)
    return environment


class Templates:
    """Renders the templates of a theme. A template sees ``page``, ``frame``, ``site``, ``ui`` and texts."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.environment = build_environment(theme)

    def render(self, name: str, page: object, frame: Frame) -> str:
        """The whole page."""
        html = self.environment.get_template(name).render(page=page, frame=frame)
        return without_marks(html, page, frame)

    def render_block(self, name: str, block: str, page: object, frame: Frame) -> str:
        """One block of a page, for answers that replace a part of it.

        Blocks see what every template sees, not what the template sets outside its blocks.
        """
        template = self.environment.get_template(name)
        context = template.new_context({"page": page, "frame": frame})
        return without_marks("".join(template.blocks[block](context)), page, frame)


def without_marks(html: str, page: object, frame: Frame) -> str:
    """Put into what was remembered what is this page's own."""
    html = html.replace(SUBMISSION_MARK, getattr(page, "submission", ""))
    return html.replace(PATH_MARK, escape(frame.path)).replace(QUERY_MARK, escape(frame.query))
