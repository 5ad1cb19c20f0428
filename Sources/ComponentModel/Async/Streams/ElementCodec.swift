/// How one element of a stream, or the value of a future, lies in a guest's memory. Written by the generator.
///
/// An object, since streams and futures keep it: one reference instead of the closures and the text.
@usableFromInline
package final class ElementCodec<Element>: Sendable {
    /// The element's type in canonical text, as in ``HostFunction/signature``; empty for a stream without a type.
    @usableFromInline
    package let signature: String
    /// The number of ``signature``, found once: the text is long, and a codec is used in each request.
    @usableFromInline
    package let payload: UInt32
    @usableFromInline
    let interned: PayloadNumber
    /// Whether storing an element may call the guest's allocator.
    @usableFromInline
    package let mayAllocate: Bool
    /// Bytes in linear memory.
    @usableFromInline
    package let size: Int
    @usableFromInline
    package let alignment: Int
    /// Reads the element at a checked address. The call's memory, allocator and handles are those of the writer.
    @usableFromInline
    package let load: @Sendable (_ pointer: UInt32, _ call: borrowing HostCall) throws -> Element
    /// Writes the element at a checked address; may call the reader's allocator.
    @usableFromInline
    package let store: @Sendable (_ value: Element, _ pointer: UInt32, _ call: borrowing HostCall) throws -> Void
    /// What writes the value of a future.
    @usableFromInline
    package let writer: FutureWriter

    /// - Parameter mayAllocate: whether text or a list is stored with the element, for which the guest is asked for room.
    @inlinable
    package init(
        signature: String, size: Int, alignment: Int, mayAllocate: Bool,
        load: @escaping @Sendable (_ pointer: UInt32, _ call: borrowing HostCall) throws -> Element,
        store: @escaping @Sendable (_ value: Element, _ pointer: UInt32, _ call: borrowing HostCall) throws -> Void
    ) {
        self.signature = signature
        self.interned = PayloadNumber.of(signature)
        self.payload = self.interned.value
        self.mayAllocate = mayAllocate
        self.size = size
        self.alignment = alignment
        self.load = load
        self.store = store
        self.writer = FutureWriter(size: size, mayAllocate: mayAllocate) { box, pointer, call in
            // Made by the future of the same codec.
            try store(unsafeDowncast(box, to: PendingResult<Element>.self).value.get(), pointer, call)
        }
    }
}

/// What writes the value of a future of the host's, without a word of its type.
@usableFromInline
package final class FutureWriter: Sendable {
    let size: Int
    let mayAllocate: Bool
    /// `box` is the ``PendingResult`` of the codec's type.
    let store: @Sendable (_ box: AnyObject, _ pointer: UInt32, _ call: borrowing HostCall) throws -> Void

    @usableFromInline
    package init(
        size: Int, mayAllocate: Bool,
        store: @escaping @Sendable (_ box: AnyObject, _ pointer: UInt32, _ call: borrowing HostCall) throws -> Void
    ) {
        self.size = size
        self.mayAllocate = mayAllocate
        self.store = store
    }
}
