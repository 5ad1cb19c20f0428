/// The guest ended itself by `wasi:cli/exit`: no fault, the executor decides what it means.
package struct GuestExit: Error, Hashable, CustomStringConvertible {
    /// 0 for success.
    package let status: UInt8

    package init(status: UInt8) {
        self.status = status
    }

    package var description: String { "the guest exited with status \(self.status)" }
}
