import AppLoader
import AppModel
package import ArgumentParser
import Executor

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `swirl registry`: applications in registries of images.
package struct RegistryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Put applications into a registry, and get them from there.",
        discussion: """
            The images are those of Spin: either command runs what the other has pushed.

            EXAMPLES:
              swirl registry login ghcr.io -u me --password-stdin < token
              swirl registry push ghcr.io/me/app:1.0
              swirl up -f ghcr.io/me/app:1.0
            """,
        subcommands: [Push.self, Pull.self, Login.self], aliases: ["oci"])

    package init() {}

    /// The options that all have that speak to a registry about an image.
    package struct ImageOptions: ParsableArguments {
        @Flag(name: [.customShort("k"), .long], help: "Speak to the registry without TLS.")
        package var insecure = false

        @Option(
            help: ArgumentHelp("Directory for downloads.", valueName: "directory"), completion: .directory)
        package var cacheDir: String?

        @Argument(help: ArgumentHelp("host/name:tag", valueName: "image"))
        package var image: String

        package init() {}

        func cache(_ context: CommandContext) throws -> ContentCache {
            let given = self.cacheDir.map { Paths.absolute($0, in: context.currentDirectory) }
            return context.contentCache(try given ?? CacheDirectory.require(environment: context.environment))
        }
    }

    package struct Push: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Put an application into a registry.",
            discussion: """
                Each component becomes one with its dependencies and middleware, so that every host can run it. Without that, \
                dependencies are parts of the image, which several applications may share; hosts must compose them then.
                """)

        @Option(
            name: [.customShort("f"), .customLong("from"), .customLong("file")],
            help: ArgumentHelp("The application: a manifest, or a directory with one.", valueName: "path"),
            completion: .file(extensions: ["toml"]))
        package var source: String?

        @Option(help: ArgumentHelp("The build profile.", valueName: "name"))
        package var profile: String?

        @Flag(inversion: .prefixedNo, help: "Make each component one with its dependencies.")
        package var compose = true

        @Flag(help: "Build the application first. [env: SPIN_ALWAYS_BUILD]")
        package var build = false

        @Option(
            help: ArgumentHelp("An annotation of the image; may be repeated.", valueName: "key=value"),
            transform: KeyValueArgument.parse)
        package var annotation: [KeyValueArgument] = []

        @OptionGroup package var options: ImageOptions

        package init() {}

        package func run() async throws {
            let context = CommandContext.current
            let reference = try context.imageReference(self.options.image)
            let source = try UpSettings.findSource(self.source, context: context)
            guard case .manifest(let path) = source else {
                throw CommandError("`\(self.source ?? "")` is no manifest: name one with -f", exitCode: 2)
            }
            let state = UpSettings.stateDirectory(nil, source: source, context: context)
            if try self.build || BoolishValue.read("SPIN_ALWAYS_BUILD", from: context.environment) {
                var builder = Builder(context: context, profile: self.profile)
                builder.needsManifest = true
                try await builder.build(manifest: path, stateDirectory: state)
            } else {
                BuildRecord(stateDirectory: state)?
                    .warn(of: self.profile, what: "push", orElse: "swirl registry push --build", context.terminal)
            }
            let work = try WorkingDirectory(environment: context.environment)
            defer { work.remove() }
            var loading = ApplicationLoader.Options()
            loading.profile = self.profile
            loading.contentCache = try self.options.cache(context)
            loading.registries = context.registries()
            let loaded = try await ApplicationLoader(
                workingDirectory: work, currentDirectory: context.currentDirectory, options: loading
            ).load(source)
            for warning in loaded.warnings { context.terminal.warning(warning.description) }
            guard !loaded.app.triggers.isEmpty else { throw CommandError("No triggers in app") }
            let client = try await context.registries().client(reference, usesPlainHTTP: self.options.insecure)
            let composer = ComponentComposer(assembler: TextAssembler(command: context.assembler))
            let push = ApplicationPush(
                client, to: reference, isComposing: self.compose,
                binary: { component in
                    do {
                        return try composer.binary(of: component, composing: self.compose)
                    } catch let error as ComponentLoadError where self.compose && !component.dependencies.isEmpty {
                        throw CommandError("\(error)\n  hint: --no-compose leaves composition to the host")
                    }
                },
                report: { progress in
                    context.terminal.note(
                        "Uploading part \(progress.part) of \(progress.count) (\(CacheDirectory.inWords(progress.bytes)))"
                    )
                })
            let annotations = Dictionary(
                self.annotation.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
            let digest = try await push.push(
                loaded.app, annotations: annotations,
                prefersArchives: context.environment["SPIN_OCI_ARCHIVE_LAYERS"] != nil, working: work.path)
            context.terminal.output("Pushed with digest \(digest)")
        }
    }

    package struct Pull: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Get an application from a registry, to run it later without a network.")

        @OptionGroup package var options: ImageOptions

        package init() {}

        package func run() async throws {
            let context = CommandContext.current
            let reference = try context.imageReference(self.options.image)
            let client = try await context.registries().client(reference, usesPlainHTTP: self.options.insecure)
            _ = try await ApplicationImage(
                reference, client: client, cache: try self.options.cache(context),
                warn: { context.terminal.warning($0) }
            ).pull()
            context.terminal.output("Successfully pulled the app from the registry")
        }
    }

    package struct Login: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Keep a user and a password for a registry.",
            discussion: """
                What is not said by options is asked for at the terminal. Both are kept where `spin registry login` keeps \
                them, readable for you alone.
                """)

        @Option(name: .shortAndLong, help: ArgumentHelp("The user.", valueName: "name"))
        package var username: String?

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("The password or token; others may see it.", valueName: "password"))
        package var password: String?

        @Flag(help: "Read the password from standard input.")
        package var passwordStdin = false

        @Flag(name: [.customShort("k"), .long], help: "Speak to the registry without TLS.")
        package var insecure = false

        @Argument(help: ArgumentHelp("The host, such as ghcr.io.", valueName: "registry"))
        package var server: String

        package init() {}

        package mutating func validate() throws {
            guard self.password == nil || !self.passwordStdin else {
                throw ValidationError("Give the password by --password-stdin or by --password, not both.")
            }
        }

        package func run() async throws {
            let context = CommandContext.current
            var server = self.server[...]
            for scheme in ["https://", "http://"] where server.hasPrefix(scheme) {
                server = server.dropFirst(scheme.count)
            }
            let name = String(server.prefix { $0 != "/" })
            guard RegistryName.isValid(name) else { throw CommandError("`\(self.server)` is no registry", exitCode: 2) }
            let input = TerminalInput(context)
            guard let user = self.username ?? input?.line("Username") else {
                throw CommandError("there is no terminal to ask for the user\n  hint: --username", exitCode: 2)
            }
            let password = try self.password ?? (self.passwordStdin ? Self.readPassword() : Self.ask(input))
            let credentials = RegistryCredentials(.password(user: user, password: password), origin: "this login")
            let client = RegistryClient(
                RegistryClient.Endpoint(registry: name, usesPlainHTTP: self.insecure, credentials: credentials),
                exchange: context.httpExchange)
            try await client.checkAccess()
            let path = try CredentialStore.save(
                user: user, password: password, for: name, environment: context.environment)
            context.terminal.output("Successfully logged in as \(user) to registry \(name) (\(path))")
        }

        private static func ask(_ input: TerminalInput?) throws -> String {
            guard let password = input?.secret("Password") else {
                throw CommandError(
                    "there is no terminal to ask for the password\n  hint: --password-stdin", exitCode: 2)
            }
            guard !password.isEmpty else { throw CommandError("there is no password", exitCode: 2) }
            return password
        }

        private static func readPassword() throws -> String {
            var text = ""
            while let line = readLine(strippingNewline: false), text.utf8.count < 1 << 16 { text += line }
            while text.hasSuffix("\n") || text.hasSuffix("\r") || text.hasSuffix("\r\n") { text.removeLast() }
            guard !text.isEmpty else { throw CommandError("there is no password on standard input", exitCode: 2) }
            return text
        }
    }
}
