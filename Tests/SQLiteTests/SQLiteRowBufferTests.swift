import SQLite
import Testing

@Suite struct SQLiteRowBufferTests {
    private func read(
        _ sql: String, bytes: Int = .max, rows: Int = .max
    ) throws -> (buffer: SQLiteRowBuffer, read: SQLiteStatement.Read) {
        let statement = try SQLiteConnection(.memory).prepare(sql)
        #expect(try statement.step())
        let buffer = SQLiteRowBuffer(columnCount: statement.columnCount)
        return (buffer, try statement.read(into: buffer, bytes: bytes, rows: rows))
    }

    @Test func keepsValuesOfEachType() throws {
        let connection = try SQLiteConnection(.memory)
        let values = SQLiteConnectionTests.values
        let statement = try connection.prepare("SELECT \(values.map { _ in "?" }.joined(separator: ", "))")
        for (index, value) in values.enumerated() { try statement.bind(value, at: index + 1) }
        #expect(try statement.step())
        let buffer = SQLiteRowBuffer(columnCount: values.count)
        #expect(try statement.read(into: buffer, bytes: .max) == .end)
        #expect(buffer.rows == [values])
    }

    @Test func grows() throws {
        let (buffer, read) = try self.read(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                + "SELECT i, 'text ' || i, zeroblob(i % 100), NULL FROM n")
        #expect(read == .end)
        #expect(buffer.count == 20_000)
        for index in [0, 1, 99, 19_999] {
            #expect(
                buffer.rows[index] == [
                    .integer(Int64(index + 1)), .text("text \(index + 1)"),
                    .blob([UInt8](repeating: 0, count: (index + 1) % 100)), .null,
                ])
        }
    }

    /// Bytes that are no UTF-8 never reach a guest as text.
    @Test func repairsText() throws {
        let (buffer, _) = try self.read(
            "SELECT CAST(x'61ff62' AS TEXT), CAST(x'c3' AS TEXT), CAST(x'c3a4' AS TEXT), CAST(x'eda080' AS TEXT)")
        #expect(
            buffer.rows == [
                [.text("a\u{FFFD}b"), .text("\u{FFFD}"), .text("ä"), .text("\u{FFFD}\u{FFFD}\u{FFFD}")]
            ])
    }

    @Test func stopsAtItsLimits() throws {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(1000) FROM n"
        let (buffer, read) = try self.read(sql, bytes: 10_500)
        #expect(read == .full)
        #expect(buffer.count == 10)
        #expect(buffer.byteCount <= 10_500)
        #expect(try self.read(sql, rows: 3).buffer.count == 3)
        #expect(try self.read(sql, bytes: 100).buffer.count == 0)
        #expect(try self.read("SELECT zeroblob(100000000)", bytes: 1000).buffer.byteCount == 0)
    }

    /// What did not fit is the first of the next buffer.
    @Test func goesOnWhereItStopped() throws {
        let statement = try SQLiteConnection(.memory).prepare(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n")
        #expect(try statement.step())
        var rows: [[SQLiteValue]] = []
        var read = SQLiteStatement.Read.full
        while read == .full {
            let buffer = SQLiteRowBuffer(columnCount: 1)
            read = try statement.read(into: buffer, bytes: .max, rows: 3)
            rows += buffer.rows
        }
        #expect(rows == (1...10).map { [.integer($0)] })
    }
}
