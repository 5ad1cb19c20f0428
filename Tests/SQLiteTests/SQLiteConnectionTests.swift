import SQLite
import Testing

@Suite struct SQLiteConnectionTests {
    @Test func keepsValuesOfEachType() throws {
        let connection = try SQLiteConnection(.memory)
        let values: [SQLiteValue] = [.integer(.min), .real(1.5), .text("ä\u{0}b"), .blob([0, 255]), .null]
        let statement = try connection.prepare("SELECT ?, ?, ?, ?, ?")
        for (index, value) in values.enumerated() { try statement.bind(value, at: index + 1) }
        #expect(try statement.step())
        #expect((0..<statement.columnCount).map { statement.value($0) } == values)
        #expect(try !statement.step())
    }
}
