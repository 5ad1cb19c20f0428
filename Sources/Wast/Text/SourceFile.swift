/// A script's bytes and where its lines begin.
package struct SourceFile: Sendable {
    /// As the user gave it.
    package let name: String
    package let bytes: [UInt8]
    private let lineStarts: [Int]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
        self.lineStarts = starts
    }

    /// The line of a byte, from 1.
    package func line(of offset: Int) -> Int {
        var low = 0
        var high = self.lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// A part of the text, with blanks before it so that the assembler's messages have the file's lines and columns;
    /// `blanks` are overwritten with spaces.
    package func text(_ range: Range<Int>, blanks: [Range<Int>] = []) -> [UInt8] {
        let line = self.line(of: range.lowerBound)
        var text = [UInt8](repeating: UInt8(ascii: "\n"), count: line - 1)
        let column = range.lowerBound - self.lineStarts[line - 1]
        text += [UInt8](repeating: UInt8(ascii: " "), count: column)
        let shift = text.count - range.lowerBound
        text += self.bytes[range]
        for blank in blanks {
            for index in blank { text[index + shift] = UInt8(ascii: " ") }
        }
        return text
    }
}
