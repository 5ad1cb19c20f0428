import ComponentModel
package import Logging
package import NIOCore
package import NIOPosix

/// Key-value stores in a SQLite file, in Spin's schema: a file of Spin's can be used, and the other way round.
///
/// One connection writes on a thread of a pool: what has gathered meanwhile is written in one transaction, so that many
/// guests share the cost of getting it to the disk. Small values are read on the thread that asks, as long as that is
/// quick; all else by a connection on a thread of the pool.
package final class SQLiteKeyValueFile: Sendable {
    package let path: String
    fileprivate let reader: KeyValueWorker
    fileprivate let writer: KeyValueWorker
    fileprivate let quickReader: KeyValueQuickReader

    /// The file is opened when it is first used, again after every failure to do so.
    ///
    /// - Parameter busyMilliseconds: how long a writer waits for another process.
    package init(
        path: String, pool: NIOThreadPool = BlockingPool.keyValue, busyMilliseconds: Int32 = 5000,
        logger: Logger? = nil
    ) {
        self.path = path
        let opener = KeyValueFileOpener(path: path, busyMilliseconds: busyMilliseconds, logger: logger)
        self.quickReader = KeyValueQuickReader(opener)
        self.reader = KeyValueWorker(pool: pool, opener: opener)
        self.writer = KeyValueWorker(pool: pool, opener: opener, writingBeside: self.quickReader)
    }

    /// The store of one label: several may be in one file.
    package func store(_ label: String) -> SQLiteKeyValueStore { SQLiteKeyValueStore(self, label: label) }
}

/// One label of a ``SQLiteKeyValueFile``.
package final class SQLiteKeyValueStore: KeyValueStore {
    private let file: SQLiteKeyValueFile
    private let label: String

    fileprivate init(_ file: SQLiteKeyValueFile, label: String) {
        self.file = file
        self.label = label
    }

    package var summary: String { "\"\(self.file.path)\"" }

    package func get(_ key: String, limit: Int, on eventLoop: any EventLoop) -> KeyValueAnswer<[UInt8]?> {
        // A result over the limit is found out on the other thread.
        if let found = self.file.quickReader.read(on: eventLoop, { try $0.value(self.label, key, limit: limit) }) {
            return .ready(.success(found))
        }
        return self.file.reader.answer(on: eventLoop) { [label, file] in
            let value = try $0.value(label, key, limit: limit)
            file.quickReader.prepare()
            return value
        }
    }

    package func exists(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Bool> {
        if let found = self.file.quickReader.read(on: eventLoop, { try $0.exists(self.label, key) }) {
            return .ready(.success(found))
        }
        return self.file.reader.answer(on: eventLoop) { [label, file] in
            let exists = try $0.exists(label, key)
            file.quickReader.prepare()
            return exists
        }
    }

    package func keyPages(on eventLoop: any EventLoop) -> any PageSource<[String], KeyValueError> {
        SQLiteKeyPages(self.file.reader, label: self.label, eventLoop: eventLoop)
    }

    package func getMany(
        _ keys: [String], limit: Int, on eventLoop: any EventLoop
    ) -> KeyValueAnswer<[(String, [UInt8]?)]> {
        self.file.reader.answer(on: eventLoop) { [label] session in
            var left = limit
            return try keys.map { key in
                let value = try session.value(label, key, limit: limit)
                left -= key.utf8.count + (value?.count ?? 0) + MemoryLayout<String>.stride
                guard left >= 0 else { throw KeyValueError.resultTooLarge(limit: limit) }
                return (key, value)
            }
        }
    }

    package func set(_ key: String, to value: [UInt8], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        self.file.writer.answer(on: eventLoop) { [label] in try $0.set(label, key, value) }
    }

    package func delete(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        self.file.writer.answer(on: eventLoop) { [label] in try $0.delete(label, key) }
    }

    package func setMany(_ values: [(String, [UInt8])], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        self.file.writer.answer(on: eventLoop) { [label] session in
            for (key, value) in values { try session.set(label, key, value) }
        }
    }

    package func deleteMany(_ keys: [String], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        self.file.writer.answer(on: eventLoop) { [label] session in
            for key in keys { try session.delete(label, key) }
        }
    }

    package func increment(_ key: String, by delta: Int64, on eventLoop: any EventLoop) -> KeyValueAnswer<Int64> {
        self.file.writer.answer(on: eventLoop) { [label] session in
            let sum = try KeyValueCounter.sum(try session.value(label, key, limit: .max), delta).get()
            try session.set(label, key, KeyValueCounter.bytes(sum))
            return sum
        }
    }

    package func swap(
        _ key: String, from expected: [UInt8]?, to value: [UInt8], on eventLoop: any EventLoop
    ) -> KeyValueAnswer<Bool> {
        self.file.writer.answer(on: eventLoop) { [label] session in
            guard try session.value(label, key, limit: .max) == expected else { return false }
            try session.set(label, key, value)
            return true
        }
    }
}
