"""The page, in NiceGUI: what is there, and what happens when something is touched."""

import asyncio
import base64
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from nicegui import app, background_tasks, events, run, ui

from windrow import Filter
from windrow.boards.catalogue import BOARDS
from windrow.hdl.devices import DEVICES
from windrow.model import InputError
from windrow.model.borders import BORDERS
from windrow.model.kernels import catalogue
from windrow.model.network import Network
from windrow.ready import ready_designs, ready_file
from windrow.reports.resources import DeviceUse, network_resources
from windrow.sim import CoreError
from windrow.usage import UsageError
from windrow.web.door import LARGEST_UPLOAD, Door
from windrow.web.workbench import Design, Workbench, design_of_text


__all__ = ["serve"]

#: Kernels that can be edited cell by cell; larger ones are only named.
MOST_CELLS = 121
FIRST_KERNEL = "gaussian:ksize=5"
SIZES = ("3x3", "5x5", "7x7", "9x9", "11x11", "1x3", "3x1")
RESOURCES = {"luts": "LUTs", "flip_flops": "FFs", "rams": "RAMs", "dsps": "DSPs"}

STYLE = """
body { font-family: system-ui, sans-serif }
.work { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); gap: 1rem;
  width: 100%; max-width: 1280px; margin: 0 auto }
@media (max-width: 800px) { .work { grid-template-columns: minmax(0, 1fr) } }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; width: 100% }
@media (max-width: 500px) { .pair { grid-template-columns: 1fr } }
.pair img { width: 100%; image-rendering: auto; border-radius: 4px }
.kernel { display: grid; gap: 2px; overflow-x: auto; max-width: 100% }
.kernel input { text-align: center; padding: 0 }
.uses { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
.uses td, .uses th { padding: .15rem .5rem; text-align: left; white-space: nowrap }
.bar { display: inline-block; width: 4.5rem; height: .5rem; border-radius: 3px; margin-right: .4rem;
  background: rgba(128, 128, 128, .25) }
.bar i { display: block; height: 100%; border-radius: 3px; background: #0072b2 }
.bar i.over { background: #d55e00 }
.scroll { overflow-x: auto; width: 100% }
"""


def serve(folder: Path, token: str, port: int, opened: Callable[[], None]) -> None:
    """Serve the page until a signal ends it.

    Parameters
    ----------
    folder : :class:`~pathlib.Path`
        For all files.
    token : :class:`str`
        What the address must have.
    port : :class:`int`
        Where to listen, on 127.0.0.1.
    opened : callable
        Called when the page can be asked for.
    """
    app.add_middleware(Door, token=token, port=port)

    async def wait_until_open() -> None:
        while True:
            try:
                _, connection = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            connection.close()
            opened()
            return

    app.on_startup(lambda: background_tasks.create(wait_until_open()))

    @ui.page("/", title="windrow")
    def index() -> None:
        # Each tab of a browser has a bench of its own.
        Page(Workbench(Path(tempfile.mkdtemp(prefix="page-", dir=folder))))

    ui.run(host="127.0.0.1", port=port, show=False, reload=False, dark=None,
           show_welcome_message=False, title="windrow")


class Page:
    """One tab of a browser."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._design: Design | None = None
        self._network: Network | None = None
        self._made = 0  # designs so far: a result of an older one is not shown
        ui.add_css(STYLE)
        with ui.header().classes("items-center"):
            ui.label("windrow").classes("text-xl font-bold")
            ui.label("a picture through the hardware that a design becomes").classes("text-sm")
        with ui.element("div").classes("work"):
            with ui.column().classes("w-full"):
                self._design_card()
                self._files_card()
            with ui.column().classes("w-full"):
                self._picture_card()
                self._uses_card()
        self._set_kernel(FIRST_KERNEL)
        ui.timer(0.1, self.refresh, once=True)

    # What is there.

    def _design_card(self) -> None:
        with ui.card().classes("w-full"):
            with ui.tabs(on_change=self.refresh).classes("w-full") as self._tabs:
                kernel, pipeline, network = map(ui.tab, ("Kernel", "Pipeline", "Network"))
            with ui.tab_panels(self._tabs, value=kernel).classes("w-full"):
                with ui.tab_panel(kernel).classes("p-0 gap-2"):
                    self._kernel_panel()
                with ui.tab_panel(pipeline).classes("p-0 gap-2"):
                    ready = ready_designs()
                    ui.select(list(ready), label="ready design", on_change=self._ready).classes(
                        "w-full").mark("ready")
                    self._text = ui.textarea(
                        "stages, in TOML", value='[[stage]]\nmedian = 3\n').classes(
                        "w-full font-mono").props("autogrow debounce=400").mark("toml")
                    self._text.on_value_change(self.refresh)
                with ui.tab_panel(network).classes("p-0 gap-2"):
                    ui.label("A quantised network, .onnx or .tflite").classes("text-sm")
                    self._upload("network", self._take_network, ".onnx,.tflite")
            with ui.row().classes("w-full").bind_visibility_from(
                    self._tabs, "value", backward=lambda tab: tab != "Network"):
                width, height = self._bench.size
                self._width = ui.number("width", value=width, min=1, max=1920, format="%d",
                                        on_change=self.refresh).classes("w-24").props(
                    "debounce=400")
                self._height = ui.number("height", value=height, min=1, max=1200, format="%d",
                                         on_change=self.refresh).classes("w-24").props(
                    "debounce=400")
            self._error = ui.label().classes("text-red-600 dark:text-red-400").mark("error")

    def _kernel_panel(self) -> None:
        with ui.row().classes("w-full items-end"):
            self._name = ui.select(
                [FIRST_KERNEL, *(name for name in catalogue.names())], value=FIRST_KERNEL,
                label="kernel", new_value_mode="add-unique", with_input=True,
                on_change=lambda event: self._set_kernel(event.value)).classes("w-56")
            ui.select(list(SIZES), label="or empty", on_change=lambda event:
                      self._set_empty(event.value)).classes("w-28")
        self._grid = ui.element("div").classes("kernel")
        self._cells: list[list[ui.number]] = []
        with ui.row().classes("w-full"):
            self._shift = ui.number("shift", value=0, min=0, max=31, format="%d",
                                    on_change=self.refresh).classes("w-20")
            self._border = ui.select(list(BORDERS), value="replicate", label="border",
                                     on_change=self.refresh).classes("w-36")
            self._overflow = ui.select(["saturate", "wrap", "abs-saturate"], value="saturate",
                                       label="overflow", on_change=self.refresh).classes("w-36")
            self._channels = ui.select({1: "grey", 3: "colour"}, value=1, label="channels",
                                       on_change=self.refresh).classes("w-24")

    def _picture_card(self) -> None:
        with ui.card().classes("w-full"):
            with ui.element("div").classes("pair"):
                self._before = self._image("as it is")
                self._after = self._image("what the hardware makes of it")
            self._notes = ui.label().classes("text-sm opacity-70").mark("notes")
            with ui.row().classes("items-center w-full"):
                self._verdict = ui.label("the model's result, which is exact").mark("verdict")
                ui.button("Run the hardware", on_click=self._run).props("outline").mark("run")
                self._busy = ui.spinner(size="sm")
                self._busy.visible = False
            self._upload("picture", self._take_picture, "image/*")

    def _uses_card(self) -> None:
        with ui.card().classes("w-full"):
            ui.label("What it is expected to take").classes("text-lg")
            self._uses = ui.html(sanitize=False).classes("scroll")

    def _files_card(self) -> None:
        with ui.card().classes("w-full"):
            ui.label("Take it with you").classes("text-lg")
            with ui.row().classes("items-end"):
                self._called = ui.input("name", value="my_filter").classes("w-32")
                self._family = ui.select(list(DEVICES), value="generic", label="device family"
                                         ).classes("w-32")
                ui.button("Download ZIP", on_click=self._download).mark("zip")
            with ui.row().classes("items-end"):
                self._board = ui.select(list(BOARDS), value=next(iter(BOARDS)), label="board"
                                        ).classes("w-44")
                ui.button("Build", on_click=self._build).props("outline")
            self._built = ui.label().classes("text-sm").mark("built")

    @staticmethod
    def _image(text: str) -> ui.html:
        with ui.column().classes("w-full gap-1"):
            image = ui.html(sanitize=False).classes("w-full")
            ui.label(text).classes("text-sm")
        return image

    @staticmethod
    def _upload(kind: str, take: Callable[..., Awaitable[None]], accept: str) -> None:
        ui.upload(label=f"drop a {kind} here", auto_upload=True, max_files=1000,
                  max_file_size=LARGEST_UPLOAD - 65536, on_upload=take,
                  on_rejected=lambda: ui.notify("too large, or of a kind that cannot be read"),
                  ).props(f'accept="{accept}" flat bordered').classes("w-full").mark(kind)

    # What happens.

    def _set_kernel(self, text: str) -> None:
        try:
            named = catalogue.kernel(text)
        except InputError as error:
            self._error.text = str(error)
            return
        self._shift.value = named.shift
        if min(map(min, named.kernel)) < 0 and sum(map(sum, named.kernel)) == 0:
            self._overflow.value = "abs-saturate"
        self._fill([list(row) for row in named.kernel])

    def _set_empty(self, size: str) -> None:
        height, width = map(int, size.split("x"))
        rows = [[0] * width for _ in range(height)]
        rows[height // 2][width // 2] = 1
        self._shift.value = 0
        self._fill(rows)

    def _fill(self, rows: list[list[int]]) -> None:
        self._grid.clear()
        self._cells = []
        self._rows = rows
        if len(rows) * len(rows[0]) > MOST_CELLS:
            with self._grid:
                ui.label(f"{len(rows)}x{len(rows[0])}: too large to be edited here")
        else:
            self._grid.style(f"grid-template-columns: repeat({len(rows[0])}, minmax(2.4rem, 4rem))")
            with self._grid:
                self._cells = [[
                    ui.number(value=value, format="%d", step=1, on_change=self.refresh).props(
                        "dense outlined debounce=250 hide-bottom-space").mark(f"cell-{y}-{x}")
                    for x, value in enumerate(row)] for y, row in enumerate(rows)]
        self.refresh()

    def _ready(self, event: events.ValueChangeEventArguments[Any]) -> None:
        path = ready_file(str(event.value))
        if path is not None:
            self._text.value = path.read_text(encoding="utf-8")

    def _read(self) -> Design:
        """The design that the page shows."""
        width, height = int(self._width.value or 0), int(self._height.value or 0)
        if self._tabs.value == "Network":
            if self._network is None:
                raise UsageError("drop a network first")
            return self._network
        if self._tabs.value == "Pipeline":
            return design_of_text(self._text.value or "", width, height)
        rows = ([[int(cell.value or 0) for cell in row] for row in self._cells]
                if self._cells else self._rows)
        return Filter(kernel=rows, width=width, height=height, shift=int(self._shift.value or 0),
                      border=self._border.value, overflow=self._overflow.value,
                      channels=self._channels.value)

    def refresh(self) -> None:
        """Read the design again, and show what it does."""
        self._made += 1
        made = self._made
        ui.timer(0.05, lambda: self._show(made), once=True)

    async def _show(self, made: int) -> None:
        if made != self._made:
            return
        try:
            design = self._read()
            shown = await run.io_bound(self._bench.compute, design)
        except (InputError, UsageError, ValueError) as error:
            if made == self._made:
                self._design = None
                self._error.text = str(error)
            return
        if made != self._made or shown is None:
            return
        self._design = design
        self._error.text = ""
        self._before.content = _picture(shown.before, "before")
        self._after.content = (_picture(shown.after, "after") if shown.after else
                               "".join(f"<p>{_escape(each)}</p>" for each in shown.answers))
        self._notes.text = "; ".join([self._bench.picture_name, *shown.notes])
        self._verdict.text = "the model's result, which is exact"
        self._verdict.classes(remove="text-green-700 dark:text-green-400")
        await asyncio.sleep(0.3)  # it takes a second: whoever types is not to wait for each letter
        if made != self._made:
            return
        found = await run.io_bound(self._uses_of, design)
        if made == self._made and found is not None:
            self._uses.content = found

    def _uses_of(self, design: Design) -> str:
        if isinstance(design, Network):
            return network_resources(design)[0] + "<p>LUTs within a third, as a rule.</p>"
        try:
            uses, without = self._bench.uses(design)
        except InputError as error:
            return _escape(str(error))
        return _table(uses) + "".join(
            f"<p>{_escape(name)}: {_escape(reason)}</p>" for name, reason in without.items())

    async def _run(self) -> None:
        design, made = self._design, self._made
        if design is None:
            return
        self._verdict.text = "runs in Verilator ..."
        verdict = await self._work(self._bench.run, design, lambda *_: None)
        if made == self._made and verdict is not None:
            self._verdict.text = verdict
            if verdict.startswith("bit-exact"):
                self._verdict.classes("text-green-700 dark:text-green-400")

    async def _download(self) -> None:
        if self._design is None:
            return
        name = re.sub(r"\W", "_", self._called.value or "", flags=re.ASCII) or "my_filter"
        packed = await self._work(self._bench.archive, self._design, self._family.value, name)
        if packed is not None:
            ui.download(packed, f"{name}.zip")

    async def _build(self) -> None:
        if self._design is None:
            return
        said = ["starts"]
        timer = ui.timer(0.5, lambda: self._built.set_text(said[-1]))
        found = await self._work(
            self._bench.build_board, self._design, self._board.value, said.append)
        timer.cancel()
        if found is None:
            self._built.text = ""
            return
        met, text, bitstream = found
        self._built.text = f"{'done' if met else 'not built, or too slow'}: {text}"
        if bitstream is not None:
            ui.download(bitstream.read_bytes(), bitstream.name)

    async def _work(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Work in a thread, with a spinner; ``None`` where it fails, and then it says why."""
        self._busy.visible = True
        try:
            return await run.io_bound(work, *arguments)
        except (InputError, UsageError, CoreError, OSError) as error:
            self._error.text = str(error)
            self._verdict.text = "the model's result, which is exact"
            return None
        finally:
            self._busy.visible = False

    async def _take_picture(self, event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        if await self._taken(self._bench.take_picture, event.file.name, content):
            self._width.value, self._height.value = self._bench.size
            self.refresh()

    async def _take_network(self, event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        network = await self._taken(self._bench.take_network, event.file.name, content)
        if isinstance(network, Network):
            self._network = network
            self.refresh()

    async def _taken(self, take: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return await run.io_bound(take, *arguments) or True
        except (InputError, OSError) as error:
            ui.notify(str(error), type="negative")
            return False


def _picture(content: bytes, text: str) -> str:
    data = base64.b64encode(content).decode()
    return f"<img alt='{text}' src='data:image/png;base64,{data}'>"


def _table(uses: list[DeviceUse]) -> str:
    """A bar and a number for each resource of each device."""
    def cell(use: DeviceUse, resource: str) -> str:
        count, share = getattr(use.prediction, resource) or 0, use.share(resource)
        over = " class='over'" if share > 100 else ""
        return (f"<td><span class='bar'><i{over} style='width: {min(share, 100):.1f}%'></i></span>"
                f"{count}</td>")

    rows = "".join(
        f"<tr><td title='{_escape(use.target.device)}'>{use.target.name}</td>"
        + "".join(cell(use, resource) for resource in RESOURCES)
        + f"<td>{'' if use.prediction.clock is None else f'{use.prediction.clock:.0f}'}</td></tr>"
        for use in uses)
    head = "".join(f"<th>{name}</th>" for name in ("device", *RESOURCES.values(), "MHz"))
    return f"<table class='uses'><tr>{head}</tr>{rows}</table>" if uses else ""


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")
