import ComponentModel
import NIOCore
import RedisClient

/// The keys of a Redis database, by `SCAN`.
///
/// The server may give a key more than once. Those that it repeats within the last keys are given once; to remember all
/// of them would take as much memory as the keys.
final class RedisKeyPages: PageSource {
    typealias Page = [String]

    /// Keys remembered, and their bytes.
    private static let rememberedKeys = 65_536
    private static let rememberedBytes = 4 << 20

    /// Asks for the keys at a cursor, and reads the reply.
    private let scan: (_ cursor: String, @escaping (RESPValue) throws -> Page) -> KeyValueAnswer<Page>
    private var isClosed = false
    /// Nil at the end.
    private var cursor: String? = "0"
    /// Not of texts: to those, spellings of one letter are the same.
    private var seen: Set<ByteBuffer> = []
    private var seenBytes = 0

    init(_ scan: @escaping (_ cursor: String, @escaping (RESPValue) throws -> Page) -> KeyValueAnswer<Page>) {
        self.scan = scan
    }

    /// A page may be empty.
    func next() -> KeyValueAnswer<Page?> {
        guard !self.isClosed, let cursor = self.cursor else { return .ready(.success(nil)) }
        return self.scan(cursor) { try self.take($0) }.mapResult { $0.map { $0 } }
    }

    func close() {
        self.isClosed = true
        self.seen = []
    }

    private func take(_ reply: RESPValue) throws -> Page {
        // While the server looked for it.
        guard !self.isClosed else { return [] }
        guard case .array(let parts) = reply, parts.count == 2, let cursor = parts[0].text,
            case .array(let found) = parts[1]
        else { throw RedisKeyValueStore.unexpected }
        self.cursor = cursor == "0" ? nil : cursor
        var page: Page = []
        for case .bytes(let bytes) in found {
            guard let key = RESPValue.bytes(bytes).text else {
                throw KeyValueError.other("the store has a key that is not UTF-8 text")
            }
            if self.seen.count >= Self.rememberedKeys || self.seenBytes >= Self.rememberedBytes {
                self.seen.removeAll(keepingCapacity: true)
                self.seenBytes = 0
            }
            // A copy: the slice would keep the whole reply.
            guard self.seen.insert(ByteBuffer(bytes: bytes.readableBytesView)).inserted else { continue }
            self.seenBytes += bytes.readableBytes
            page.append(key)
        }
        return page
    }
}
