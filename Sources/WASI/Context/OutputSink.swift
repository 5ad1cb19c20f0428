/// Where a guest's standard output or error goes. Called on the invocation's event loop; must not block for long.
package protocol OutputSink: AnyObject {
    /// Takes all of `bytes`, which are valid during the call only.
    ///
    /// - Throws: when nobody takes output any more; the guest's stream is closed then.
    func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// Nobody reads the output any more.
package struct OutputClosedError: Error, CustomStringConvertible {
    package init() {}

    package var description: String { "nobody reads it any more" }
}
