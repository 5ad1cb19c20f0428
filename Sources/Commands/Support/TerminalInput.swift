#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Asks whoever sits at the terminal.
struct TerminalInput {
    private static let limit = 1 << 16

    private let descriptor: Int32
    private let terminal: Terminal

    /// Nil when standard input is no terminal: then there is nobody to ask.
    init?(_ context: CommandContext) {
        guard isatty(context.standardStreams.input) == 1 else { return nil }
        self.descriptor = context.standardStreams.input
        self.terminal = context.terminal
    }

    /// A line; asked again until there is something. Nil at the end of the input.
    func line(_ prompt: String) -> String? {
        while true {
            self.terminal.prompt(prompt)
            guard let line = self.read() else { return nil }
            let text = line.drop { $0 == " " }
            if !text.isEmpty { return String(text) }
        }
    }

    /// A line that is not shown while it is written.
    func secret(_ prompt: String) -> String? {
        var settings = termios()
        guard tcgetattr(self.descriptor, &settings) == 0 else { return nil }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        // Before anybody can type: what is typed early must not be shown either.
        guard tcsetattr(self.descriptor, TCSAFLUSH, &silent) == 0 else { return nil }
        defer {
            tcsetattr(self.descriptor, TCSAFLUSH, &settings)
            self.terminal.note("")
        }
        self.terminal.prompt(prompt)
        return self.read()
    }

    private func read() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < Self.limit {
            let count = systemRead(self.descriptor, &byte)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The system call under a name that no method here has.
private func systemRead(_ descriptor: Int32, _ byte: inout UInt8) -> Int { read(descriptor, &byte, 1) }
