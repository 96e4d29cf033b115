#!/usr/bin/env bash
# Builds the images, runs the composed stack with the demo's stand-ins, follows a document through it, breaks
# a few things, and takes everything down again. Ends with 1 when anything is not as promised.
# Uses ports of its own (28000 and on), so that it can run beside `make up`.
set -euo pipefail
cd "$(dirname "$0")/../.."

if command -v docker-compose >/dev/null; then
  compose=docker-compose
else
  compose="docker compose"
fi
docker info >/dev/null || { echo "smoke: no Docker engine answers" >&2; exit 2; }

export COMPOSE="$compose --env-file deploy/compose/demo.env --profile demo"
# a slow disk copies large images for minutes before a container is there
export COMPOSE_HTTP_TIMEOUT=900
export COMPOSE_PROJECT_NAME=document-viewer-smoke
export MOSAIC_PORT=28000 REDIRECTOR_PORT=28001 VIEWER_PORT=28002 GOOGLE_PORT=28003 PROMETHEUS_PORT=29090
export PUBLIC_URL=http://localhost:28002 GOOGLE_AUTHORIZE_URL=http://localhost:28003/oauth2/authorize

exec python3 deploy/compose/smoke.py
