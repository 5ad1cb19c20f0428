// The system's zlib, and what Swift cannot read of its header.
#pragma once

#include <zlib.h>

// A macro. The window of gzip, with its header.
static inline int czlib_inflate_gzip_init(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
static inline int czlib_deflate_gzip_init(z_stream *stream) {
    return deflateInit2(stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
