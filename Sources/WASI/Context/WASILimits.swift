/// What one instance may ask of the host: every list, buffer and descriptor that a guest controls has its bound here.
package struct WASILimits: Sendable {
    /// Most random bytes of one call.
    package var randomBytes = 16 << 20
    /// Most bytes of the names and values of one `fields`, with 32 bytes of bookkeeping a field.
    package var fieldsBytes = 128 << 10
    /// Most bytes that one `read` of a stream or file gives, however many the guest asked for.
    package var readBytes = 64 << 10
    /// Credit of a stream that takes all bytes at once (files, standard output).
    package var writeBytes = 64 << 10
    /// Most bytes of a body that wait for its response to be set, or its request to be sent.
    package var bufferedBodyBytes = 256 << 10
    /// Most pollables in one `poll`.
    package var pollables = 4096
    /// Most files, directories and directory listings open at a time.
    package var openFiles = 128
    /// Most bytes of host memory that the guest's resources hold at a time: fields, texts, buffered bodies.
    package var hostMemoryBytes = 32 << 20

    package init() {}
}
