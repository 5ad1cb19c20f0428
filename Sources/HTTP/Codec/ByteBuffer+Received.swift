package import NIOCore

extension ByteBuffer {
    /// Takes received bytes behind those that nobody has read yet.
    ///
    /// What has been read is given up: a peer that always leaves a part of a message over would else make the buffer as
    /// large as all that it ever sent.
    package mutating func append(received bytes: ByteBuffer) {
        guard self.readableBytes > 0 else {
            self = bytes
            return
        }
        self.discardReadBytes()
        var bytes = bytes
        self.writeBuffer(&bytes)
    }
}
