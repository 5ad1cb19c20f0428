import SQLite
import Testing

@Suite struct SQLiteConnectionTests {
    static let values: [SQLiteValue] = [
        .integer(.min), .integer(.max), .integer(0), .real(1.5), .real(-.infinity), .real(.greatestFiniteMagnitude),
        .real(-0.0), .real(.leastNonzeroMagnitude), .text("ä\u{0}b"), .text(""), .text("e\u{301}"), .blob([0, 255]),
        .blob([]), .null,
    ]

    @Test func keepsValuesOfEachType() throws {
        let connection = try SQLiteConnection(.memory)
        let marks = Self.values.map { _ in "?" }.joined(separator: ", ")
        let statement = try connection.prepare("SELECT \(marks)")
        for (index, value) in Self.values.enumerated() { try statement.bind(value, at: index + 1) }
        #expect(try statement.step())
        let found = (0..<statement.columnCount).map { statement.value($0) }
        #expect(found == Self.values)
        // Equal as they are, a zero has a sign.
        guard case .real(let zero) = found[6] else { return #expect(Bool(false), "\(found[6])") }
        #expect(zero.sign == .minus)
        #expect(try !statement.step())
    }

    @Test func looksForATextThatIsNotCopied() throws {
        let connection = try SQLiteConnection(.memory)
        try connection.execute(
            "CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB); INSERT INTO t VALUES ('a', x'0102'), ('', x'')")
        let statement = try connection.prepare("SELECT v FROM t WHERE k = ? AND ?2 = 1")
        try statement.bind(Int64(1), at: 2)
        var found: [[UInt8]?] = []
        for key in ["a", "", "a longer key than a string holds by itself", "a"] {
            let isThere = try statement.withFirstRow(for: key, at: 1) { found.append(statement.blob(0, limit: 1)) }
            #expect(isThere == (key.utf8.count < 2), "\(key)")
        }
        // Two bytes are over the limit.
        #expect(found == [nil, [], nil])
        // Other parameters stay, the text is gone.
        #expect(try !statement.step())
    }

    @Test func saysWhyALookFails() throws {
        let connection = try SQLiteConnection(.memory)
        let failing = try connection.prepare("SELECT abs(CASE ? WHEN 'a' THEN -9223372036854775808 ELSE 1 END)")
        let overflow = #expect(throws: SQLiteError.self) { try failing.withFirstRow(for: "a", at: 1) {} }
        #expect(overflow?.message == "integer overflow")
        #expect(try failing.withFirstRow(for: "b", at: 1) {})
        connection.harden(bytes: 10)
        let statement = try connection.prepare("SELECT ?")
        let tooBig = #expect(throws: SQLiteError.self) {
            try statement.withFirstRow(for: String(repeating: "1", count: 11), at: 1) {}
        }
        #expect(tooBig?.kind == .tooBig)
    }

    /// SQL has no not-a-number.
    @Test func notANumberIsNull() throws {
        let connection = try SQLiteConnection(.memory)
        let statement = try connection.prepare("SELECT ?")
        try statement.bind(.nan, at: 1)
        #expect(try statement.step())
        #expect(statement.value(0) == .null)
    }

    @Test func keepsLargeValues() throws {
        let connection = try SQLiteConnection(.memory)
        let blob = [UInt8](repeating: 7, count: 64 << 20)
        let statement = try connection.prepare("SELECT ?, length(?1)")
        try statement.bind(blob, at: 1)
        #expect(try statement.step())
        #expect(statement.blob(0) == blob)
        #expect(statement.integer(1) == Int64(blob.count))
    }

    @Test func valuesHaveALimit() throws {
        let connection = try SQLiteConnection(.memory)
        connection.harden(bytes: 1000)
        let statement = try connection.prepare("SELECT ?")
        #expect(throws: SQLiteError.self) { try statement.bind([UInt8](repeating: 0, count: 1001), at: 1) }
        #expect(Self.kind { try connection.execute("SELECT zeroblob(1001)") } == .tooBig)
        #expect(Self.kind { try connection.execute("SELECT '\(String(repeating: "a", count: 1001))'") } == .tooBig)
    }

    private static func kind(_ body: () throws -> Void) -> SQLiteError.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SQLiteError)?.kind
        }
    }

    @Test func tellsKindsOfErrors() throws {
        #expect(Self.kind { _ = try SQLiteConnection(.file("/nonexistent/a.db")) } == .cannotOpen)
        let connection = try SQLiteConnection(.memory)
        #expect(Self.kind { try connection.execute("SELEC") } == .other)
        #expect(Self.kind { _ = try connection.prepare("-- nothing") } == .other)
        try connection.execute("PRAGMA max_page_count = 2; CREATE TABLE t (a)")
        #expect(Self.kind { try connection.execute("INSERT INTO t VALUES (zeroblob(100000))") } == .full)
        try connection.execute("PRAGMA query_only = 1")
        #expect(Self.kind { try connection.execute("INSERT INTO t VALUES (1)") } == .readOnly)
        let name = SQLiteConnection.Location.sharedMemory("kinds-of-errors")
        let (left, right) = (try SQLiteConnection(name), try SQLiteConnection(name, busyMilliseconds: 0))
        try left.execute("CREATE TABLE t (a); BEGIN IMMEDIATE")
        #expect(Self.kind { try right.execute("BEGIN IMMEDIATE") } == .locked)
        right.authorize { if case .attach = $0 { .denied } else { .allowed } }
        #expect(Self.kind { try right.execute("ATTACH ':memory:' AS a") } == .denied)
        var asked = 0
        left.onProgress {
            asked += 1
            return asked > 2
        }
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        #expect(Self.kind { try left.execute(endless) } == .interrupted)
    }
}
