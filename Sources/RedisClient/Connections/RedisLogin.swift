/// The commands that every connection to an address begins with, and what may be told of the answers.
struct RedisLogin {
    /// Of a server's answer.
    private static let shownCharacters = 300
    /// Servers cut what they repeat: so much of a secret is looked for.
    private static let soughtBytes = 16

    /// `HELLO` or `AUTH`, where one is needed, then `SELECT`.
    let commands: [RedisCommand]
    /// What the first command says of the login.
    private let secrets: [String]

    init(_ address: RedisAddress) {
        var commands: [RedisCommand] = []
        if address.usesRESP3 {
            var hello = RedisCommand("HELLO", "3")
            if let password = address.password ?? address.user.map({ _ in "" }) {
                hello.append("AUTH")
                hello.append(address.user ?? "default")
                hello.append(password)
            }
            commands.append(hello)
        } else if let password = address.password {
            var login = RedisCommand("AUTH")
            if let user = address.user { login.append(user) }
            login.append(password)
            commands.append(login)
        }
        if address.database != 0 { commands.append(RedisCommand("SELECT", String(address.database))) }
        self.commands = commands
        // Every server has the user `default`, and speaks of it.
        let user = address.user == "default" ? nil : address.user
        self.secrets = [user, address.password].compactMap { $0 }.filter { !$0.isEmpty }
    }

    /// Why the server refuses a command, without anything of the login: guests and logs get it.
    ///
    /// - Parameter message: the server's own; many servers, and proxies, repeat in it the arguments of what they do not
    ///   understand.
    func refusal(_ message: String, of command: RedisCommand) -> RedisError {
        if message.lowercased().contains("unknown command") {
            return .loginRefused("it does not know the command \(command.name)")
        }
        guard !self.secrets.contains(where: { Self.repeats(message, $0) }) else {
            return .loginRefused("its answer to \(command.name) is not shown, as it may repeat the login")
        }
        return .loginRefused(String(message.prefix(Self.shownCharacters)))
    }

    private static func repeats(_ message: String, _ secret: String) -> Bool {
        // What is no plain text is repeated in another form.
        let sought = secret.utf8.prefix { $0 >= 0x20 && $0 < 0x7F }.prefix(Self.soughtBytes)
        return message.utf8.contains(sought)
    }
}
