import ComponentModel

/// A stream of elements that are all there.
final class ListProducer<Element>: ElementProducer {
    private var rest: ArraySlice<Element>

    init(_ elements: [Element]) {
        self.rest = elements[...]
    }

    func next() throws -> ElementStep<Element> {
        self.rest.popFirst().map { .element($0) } ?? .end
    }

    func cancel() {
        self.rest = []
    }
}
