#!/usr/bin/env bash
# Copies the few files that the pages need from node_modules to the git-ignored folders
#   viewer/static/vendor/pdfjs-<version>/            PDF.js, the legacy build: staff have older browsers
#   shared/static/vendor/govuk-frontend-<version>/   GOV.UK Frontend's styles, without its fonts and scripts
# An allow-list: PDF.js's sandbox and quickjs, which run a PDF's own scripts, stay out.
# Run `npm ci --ignore-scripts` before; `--omit=dev --omit=optional` leaves out what this script does not need. Safe to repeat.
set -euo pipefail
cd "$(dirname "$0")/../.."

version_of() { node -p "require('./node_modules/$1/package.json').version"; }

# fresh FOLDER: empty, and without the folders of other versions beside it
fresh() {
  rm -rf "$(dirname "$1")"
  mkdir -p "$1"
}

pdfjs() {
  local from=node_modules/pdfjs-dist
  local to; to=viewer/static/vendor/pdfjs-$(version_of pdfjs-dist)
  fresh "$to"
  mkdir -p "$to"/{build,web,wasm}
  cp "$from"/legacy/build/{pdf,pdf.worker}.min.mjs "$to/build/"
  # its map's address at the end would be asked for, and is not there
  sed '/^\/\/# sourceMappingURL=/d' "$from/legacy/web/pdf_viewer.mjs" >"$to/web/pdf_viewer.mjs"
  cp "$from/legacy/web/pdf_viewer.css" "$to/web/"
  cp -r "$from/legacy/web/images" "$to/web/"
  cp -r "$from"/{cmaps,standard_fonts,iccs,LICENSE} "$to/"
  cp "$from"/wasm/{jbig2,openjpeg,qcms_bg}.wasm "$from"/wasm/{jbig2,openjpeg}_nowasm_fallback.js "$to/wasm/"
  cp "$from"/wasm/LICENSE_{JBIG2,OPENJPEG,QCMS,PDFJS_JBIG2,PDFJS_OPENJPEG,PDFJS_QCMS} "$to/wasm/"
}

govuk_frontend() {
  local from=node_modules/govuk-frontend/dist/govuk
  local to; to=shared/static/vendor/govuk-frontend-$(version_of govuk-frontend)
  fresh "$to"
  # its fonts are licensed for gov.uk addresses only
  sed -E 's/@font-face *\{[^}]*\}//g; s/\/\*# sourceMappingURL=[^*]*\*\///' \
    "$from/govuk-frontend.min.css" >"$to/govuk-frontend.min.css"
}

pdfjs
govuk_frontend
