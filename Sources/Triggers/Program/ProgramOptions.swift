/// What `swirl run` gives to a program.
package struct ProgramOptions: Sendable {
    /// A directory of the host that the program sees.
    package struct Directory: Sendable, Hashable {
        package var hostPath: String
        package var guestPath: String
        package var isWritable: Bool

        package init(hostPath: String, guestPath: String, isWritable: Bool) {
            self.hostPath = hostPath
            self.guestPath = guestPath
            self.isWritable = isWritable
        }
    }

    /// The file with the program.
    package var path: String
    /// The first is the program's name.
    package var arguments: [String]
    package var environment: [(String, String)] = []
    package var directories: [Directory] = []
    /// Whether sockets may reach everything, rather than nothing.
    package var hasNetwork = false
    /// Of compiled code; nil compiles anew each time.
    package var cacheDirectory: String?
    /// In bytes; nil for as much as the engine allows.
    package var maxMemory: Int?
    package var timeout: Duration?
    /// The command that assembles text, its path last; nil does it in this process.
    package var assembler: [String]?
    /// Descriptors of the standard streams.
    package var standardInput: Int32 = 0
    package var standardOutput: Int32 = 1
    package var standardError: Int32 = 2

    package init(path: String, arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }
}
