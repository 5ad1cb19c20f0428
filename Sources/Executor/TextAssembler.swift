import WasmEngine

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Makes WebAssembly text into a binary, in a process of its own where there is a command for it: the library's assembler
/// ends its process on some invalid texts, and that must not be the server.
package struct TextAssembler: Sendable {
    private let command: [String]?

    /// - Parameter command: the program and its arguments that assemble the file whose path is given last: the binary on
    ///   standard output; or 1 as exit code, and what is wrong on standard error. Nil assembles in this process.
    package init(command: [String]? = nil) {
        self.command = command
    }

    /// Why a text is not assembled.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter text: what the file at `path` holds.
    func assemble(_ text: UnsafeRawBufferPointer, path: String) throws(Failure) -> [UInt8] {
        guard let command = self.command else {
            do {
                return try Engine.assemble(String(decoding: text, as: UTF8.self))
            } catch {
                throw Failure(description: error.description)
            }
        }
        return try Self.run(command + [path])
    }

    private static func run(_ command: [String]) throws(Failure) -> [UInt8] {
        // Files rather than pipes: whatever the child writes, it never waits for a reader.
        guard let output = tmpfile() else { throw Self.system("cannot keep the assembled file") }
        defer { fclose(output) }
        guard let errors = tmpfile() else { throw Self.system("cannot keep the assembler's messages") }
        defer { fclose(errors) }
        let status = try Self.wait(for: command, output: fileno(output), errors: fileno(errors))
        if status == 0 { return try Self.contents(of: fileno(output)) }
        let message = String(decoding: try Self.contents(of: fileno(errors)), as: UTF8.self)
        // `WIFEXITED` and `WEXITSTATUS` are macros that Swift does not see.
        if status & 0x7f == 0, status >> 8 & 0xff == 1, !message.isEmpty {
            throw Failure(description: message.trimmingNewlines)
        }
        throw Failure(
            description: "the text cannot be assembled, and the assembler cannot say where: it ended with "
                + "\"\(Self.panic(in: message) ?? "status \(status)")\"\n"
                + "  hint: look for a name that is used and not defined")
    }

    /// What the library's assembler said as it broke.
    private static func panic(in message: String) -> String? {
        let lines = message.split(separator: "\n").map(String.init)
        guard let place = lines.firstIndex(where: { $0.contains("panicked at") }) else { return lines.first }
        return lines.dropFirst(place + 1).first ?? lines[place]
    }

    private static func wait(for command: [String], output: Int32, errors: Int32) throws(Failure) -> Int32 {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, command.first ?? "", &actions, nil, &arguments, environ)
        guard code == 0 else {
            throw Failure(description: "cannot start the assembler: \(String(cString: strerror(code)))")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw Self.system("the assembler was lost") }
        }
        return status
    }

    private static func contents(of file: Int32) throws(Failure) -> [UInt8] {
        let count = lseek(file, 0, SEEK_END)
        guard count >= 0, lseek(file, 0, SEEK_SET) == 0 else { throw Self.system("cannot read the assembler's output") }
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
            while filled < buffer.count {
                let count = readBytes(file, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                filled += count
            }
            initialized = filled
        }
        guard filled == Int(count) else { throw Self.system("cannot read the assembler's output") }
        return bytes
    }

    private static func system(_ what: String) -> Failure {
        Failure(description: "\(what): \(String(cString: strerror(errno)))")
    }
}

extension String {
    fileprivate var trimmingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text = text.dropLast() }
        return String(text)
    }
}
