/// How one element of a stream, or the value of a future, lies in a guest's memory. Written by the generator.
package struct ElementCodec<Element>: Sendable {
    /// The element's type in canonical text, as in ``HostFunction/signature``; empty for a stream without a type.
    package let signature: String
    /// Bytes in linear memory.
    package let size: Int
    package let alignment: Int
    /// Reads the element at a checked address. The call's memory, allocator and handles are those of the writer.
    package let load: @Sendable (_ pointer: UInt32, _ call: borrowing HostCall) throws -> Element
    /// Writes the element at a checked address; may call the reader's allocator.
    package let store: @Sendable (_ value: Element, _ pointer: UInt32, _ call: borrowing HostCall) throws -> Void

    package init(
        signature: String, size: Int, alignment: Int,
        load: @escaping @Sendable (_ pointer: UInt32, _ call: borrowing HostCall) throws -> Element,
        store: @escaping @Sendable (_ value: Element, _ pointer: UInt32, _ call: borrowing HostCall) throws -> Void
    ) {
        self.signature = signature
        self.size = size
        self.alignment = alignment
        self.load = load
        self.store = store
    }
}

/// The host's source of a stream of anything but bytes.
package protocol ElementProducer<Element>: AnyObject {
    associatedtype Element
    func next() throws -> ElementStep<Element>
    /// The reader is gone: no call comes any more.
    func cancel()
}

package enum ElementStep<Element> {
    case element(Element)
    /// None now: the producer calls the stream's `wake()` when that changes.
    case wait
    case end
}

/// The host's drain of a stream of anything but bytes.
package protocol ElementConsumer<Element>: AnyObject {
    associatedtype Element
    /// Whether ``accept(_:)`` may be called; if not, the consumer calls the stream's `wake()` later.
    var hasRoom: Bool { get }
    /// False when it wants no more elements.
    func accept(_ element: Element) throws -> Bool
    /// The writer is gone.
    func finish()
}

/// The readable end of a `stream<T>` in the host's hands; see ``ByteStream``.
package final class ElementStream<Element> {
    package init(_ producer: any ElementProducer<Element>) {
    }

    package func consume(by consumer: any ElementConsumer<Element>) {
    }

    package func wake() {
    }

    package func drop() {
    }
}
