import ComponentModel
import NIOCore

/// The keys of one label of a ``SQLiteKeyValueFile``: each page begins after the last key of the one before, so that
/// nothing is held in between.
final class SQLiteKeyPages: PageSource {
    private let reader: KeyValueWorker
    private let label: String
    private let eventLoop: any EventLoop
    private var last: String?
    private var isEnded = false

    init(_ reader: KeyValueWorker, label: String, eventLoop: any EventLoop) {
        self.reader = reader
        self.label = label
        self.eventLoop = eventLoop
    }

    func next() -> KeyValueAnswer<[String]?> {
        guard !self.isEnded else { return .ready(.success(nil)) }
        return self.reader.answer(on: self.eventLoop) { [label, last] in try $0.keys(label, after: last) }
            .mapResult { (result: KeyValueResult<KeyValueSession.KeyPage>) in
                result.map { page in
                    // It may have been closed meanwhile.
                    if page.isLast { self.isEnded = true }
                    self.last = page.keys.last
                    return page.keys.isEmpty ? nil : page.keys
                }
            }
    }

    func close() {
        self.isEnded = true
    }
}

/// Keys that were all there when the first page was asked for.
final class SnapshotKeyPages: PageSource {
    private static let count = 4096
    private var rest: ArraySlice<[UInt8]>

    /// - Parameter keys: their bytes, which are shared with the store.
    init(_ keys: [[UInt8]]) {
        self.rest = keys[...]
    }

    func next() -> KeyValueAnswer<[String]?> {
        let page = self.rest.prefix(Self.count)
        self.rest = self.rest.dropFirst(Self.count)
        return .ready(.success(page.isEmpty ? nil : page.map { String(decoding: $0, as: UTF8.self) }))
    }

    func close() {
        self.rest = []
    }
}
