import ComponentModel

/// A directory as a `stream<directory-entry>` of WASI 0.3, and the future that tells how it ended.
///
/// Names that are not UTF-8 are left out, no guest can use them; the future says so at the end.
final class DirectoryProducer: ElementProducer {
    typealias Element = WasiFilesystemTypesV3.DirectoryEntry
    typealias Outcome = WITResult<Void, WasiFilesystemTypesV3.ErrorCode>

    private enum State {
        case opening(FileAnswer<DirectoryEntries>)
        case idle(DirectoryEntries)
        case waiting
        case next(DirectoryEntries, Result<DirectoryReader.Item?, FileError>)
        case ended
    }

    private var state: State
    private var skipped = false
    private let outcome = Pending<Outcome>()
    /// Weak: the stream keeps its producer.
    private weak var stream: ElementStream<Element>?

    init(_ entries: FileAnswer<DirectoryEntries>) {
        self.state = .opening(entries)
    }

    func start() -> (ElementStream<Element>, ElementFuture<Outcome>) {
        let stream = ElementStream(self)
        self.stream = stream
        if case .opening(let answer) = self.state { self.open(answer) }
        return (stream, ElementFuture(.later(self.outcome)))
    }

    private func open(_ answer: FileAnswer<DirectoryEntries>) {
        func opened(_ result: Result<DirectoryEntries, FileError>) {
            switch result {
            case .success(let entries): self.state = .idle(entries)
            // The error shows whether or not somebody reads.
            case .failure(let error): _ = self.end(.failure(error))
            }
        }
        switch answer {
        case .ready(let result): opened(result)
        case .later(let pending):
            self.state = .waiting
            pending.whenComplete { [weak self] result in
                guard let self, case .waiting = self.state else { return }
                opened((try? result.get()) ?? .failure(FileError(.io)))
                self.stream?.wake()
            }
        }
    }

    func next() throws -> ElementStep<Element> {
        while true {
            switch self.state {
            case .ended: return .end
            case .opening, .waiting: return .wait
            case .next(let entries, let result):
                self.state = .idle(entries)
                if let step = self.step(result) { return step }
            case .idle(let entries):
                switch entries.next() {
                case .ready(let result):
                    if let step = self.step(result) { return step }
                case .later(let pending):
                    self.state = .waiting
                    pending.whenComplete { [weak self] result in
                        guard let self, case .waiting = self.state else { return }
                        self.state = .next(entries, (try? result.get()) ?? .failure(FileError(.io)))
                        self.stream?.wake()
                    }
                    return .wait
                }
            }
        }
    }

    /// `nil` for an entry that is left out.
    private func step(_ result: Result<DirectoryReader.Item?, FileError>) -> ElementStep<Element>? {
        switch result {
        case .failure(let error): return self.end(.failure(error))
        case .success(nil): return self.end(self.skipped ? .failure(FileError(.illegalByteSequence)) : .success(()))
        case .success(let item?):
            guard let name = item.name else {
                self.skipped = true
                return nil
            }
            return .element(Element(type: .init(item.type), name: name))
        }
    }

    private func end(_ result: Result<Void, FileError>) -> ElementStep<Element> {
        self.state = .ended
        self.outcome.succeed(WITResult(result))
        return .end
    }

    func cancel() {
        _ = self.end(.success(()))
    }
}
