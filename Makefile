# 童友图：常用命令。不带参数的 make 列出全部。
# 只需要 Debian/Ubuntu 上的 python3（3.11 以上）、它的 venv 模块和 make。

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin/python
PIP := $(BIN) -m pip --quiet --disable-pip-version-check --no-input
SERVING := $(VENV)/.serving-installed
TESTING := $(VENV)/.testing-installed
BUILT := server/static/built/manifest.json
# Lighthouse and axe: much to fetch, and wanted by tests alone.
CHECKING := tests/web/node_modules/.installed
NPM := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV)/bin/npm

# One more than there are cores: browsers and killed processes are waited for a quarter of the time.
TESTERS := $(shell echo $$(($$(nproc) + 1)))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

.PHONY: serve
serve: $(SERVING) $(BUILT) ## 启动服务：第一次会安装、建库、装入起始数据（HOST=127.0.0.1 PORT=8000）
	@exec $(BIN) serve.py

.PHONY: test
test: $(TESTING) $(BUILT) $(CHECKING) ## 运行全部测试；挑选用例：make test ARGS="-k 名称"
	@exec $(BIN) -m pytest --numprocesses $(TESTERS) --maxprocesses 4 --dist worksteal $(ARGS)

.PHONY: lighthouse
lighthouse: $(TESTING) $(BUILT) $(CHECKING) ## 用 Lighthouse 测首页、地点页、线路页（手机、慢速 4G），打印一张表
	@exec $(BIN) -m tests.web.lighthouse

.PHONY: pictures
pictures: $(TESTING) $(BUILT) ## 用起始数据重拍 README 的图片
	@exec $(BIN) -m tests.web.pictures

.PHONY: lint
lint: $(TESTING) $(BUILT) ## 检查代码的写法、格式与类型（ruff、mypy、tsc）
	$(BIN) -m ruff check .
	$(BIN) -m ruff format --check .
	$(BIN) -m mypy
	$(NPM) --prefix web run --silent check

.PHONY: format
format: $(TESTING) ## 按约定整理代码格式
	$(BIN) -m ruff check --fix .
	$(BIN) -m ruff format .

.PHONY: bench
bench: $(TESTING) ## 测速：与空的 Flask 视图并排，打印一张表（只跑一部分：ARGS）
	@exec $(BIN) -m bench $(ARGS)

.PHONY: wechat-standin
wechat-standin: $(TESTING) ## 启动微信的替身（端口 8899），显示要设哪几项，在本机试小程序的登录和消息
	@exec $(BIN) -m tests.wechat_standin $(ARGS)

.PHONY: lock
lock: $(TESTING) ## 按 pyproject.toml 重写三份依赖清单；升级间接依赖：make lock ARGS=--upgrade
	@$(BIN) -m uv --version >/dev/null 2>&1 || $(PIP) install uv
	$(BIN) -m uv pip compile --quiet --universal --python-version 3.11 --no-header $(ARGS) \
		--output-file requirements.txt pyproject.toml
	$(BIN) -m uv pip compile --quiet --universal --python-version 3.11 --no-header $(ARGS) \
		--constraint requirements.txt --group dev --output-file requirements-dev.txt
	$(BIN) -m uv pip compile --quiet --universal --python-version 3.11 --no-header $(ARGS) \
		--constraint requirements.txt --group build --output-file requirements-build.txt

.PHONY: clean
clean: ## 删去虚拟环境与各种缓存；数据（instance/）不动
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis build \
		web/node_modules tests/web/node_modules server/static/built
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## 列出这些命令
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

# A stamp is written last: an interrupted installation leaves none, and the next make goes on.
# An environment whose Python has gone (moved, upgraded, half made) is made anew.
$(SERVING): requirements.txt
	@command -v $(PYTHON) >/dev/null || { \
		echo "没有找到 python3：请先运行 sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$$($(PYTHON) -V 2>&1) 太旧，需要 Python 3.11 以上：请安装新版（如 sudo apt install python3.12 python3.12-venv），再运行 make serve PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "缺少 Python 的 venv 模块：请先运行 sudo apt install $$($(PYTHON) -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"; exit 1; }
	@$(BIN) -m pip --version >/dev/null 2>&1 || { \
		echo "建立虚拟环境 $(VENV) ……"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "安装运行所需的 $$(grep -c '==' requirements.txt) 个程序包，约需一分钟 ……"
	@$(PIP) install --requirement requirements.txt || { \
		echo "程序包没有装完，原因见上（多半是网络）；修好后重新运行即可。"; exit 1; }
	@touch $@
	@echo "安装完毕。"

$(TESTING): requirements-dev.txt $(SERVING)
	@echo "安装测试所需的 $$(grep -c '==' requirements-dev.txt) 个程序包 ……"
	@$(PIP) install --requirement requirements-dev.txt || { \
		echo "程序包没有装完，原因见上（多半是网络）；修好后重新运行即可。"; exit 1; }
	@touch $@

# The manifest is the last file of a build, and a build is moved in whole. Pages work without their
# scripts, so a machine that can't build them serves all the same, and says so.
$(BUILT): requirements-build.txt $(wildcard web/*.* web/src/* geo/crs.py) | $(SERVING)
	@echo "构建网页的脚本（第一次要下载 Node.js，约需一分钟）……"
	@{ $(PIP) install --retries 1 --requirement requirements-build.txt && $(BIN) -m web.build; } || \
		echo "网页的脚本没有构建成，原因见上（多半是网络）：页面照常，只是没有地图；修好后重新运行即可。"

$(CHECKING): tests/web/package.json tests/web/package-lock.json requirements-build.txt | $(TESTING)
	@echo "安装检查网页的程序（Lighthouse 和 axe）……"
	@{ $(PIP) install --requirement requirements-build.txt && \
		$(NPM) --prefix tests/web ci --ignore-scripts --loglevel=error; } || { \
		echo "没有装完，原因见上（多半是网络）；修好后重新运行即可。"; exit 1; }
	@touch $@
