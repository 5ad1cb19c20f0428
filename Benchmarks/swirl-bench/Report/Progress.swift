import Foundation

/// One line on a terminal that says what is being measured; nothing elsewhere.
enum Progress {
    private static let isShown = isatty(STDERR_FILENO) == 1
    private nonisolated(unsafe) static var title = ""

    static func show(_ title: String) {
        self.title = title
        self.write(title)
    }

    /// Adds to the title for a while.
    static func note(_ note: String) {
        self.write("\(self.title) (\(note))")
    }

    static func clear() {
        self.write("")
    }

    private static func write(_ line: String) {
        guard self.isShown else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[2K\(line.prefix(110))".utf8))
    }
}
