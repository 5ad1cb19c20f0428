import ArgumentParser

/// The servers that Swirl is compared with, each in a process of its own. For `run`, not for people.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve what Swirl is compared with.", shouldDisplay: false)

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        /// The HTTP server that `swirl up` uses, answering by itself.
        case fixed
        /// The same, sending request bodies back.
        case echo
        /// The same, making requests of its own with the HTTP client of guests.
        case fetch
        /// The same, answering 100 ms later.
        case wait
        /// `fetch` with async-http-client.
        case fetchByAsyncHTTPClient = "fetch-ahc"
        /// The same, with stores and databases; arguments: a folder, and the address of a Redis server.
        case stores
        /// NIO's sockets, a fixed answer for whatever arrives.
        case raw
    }

    @Argument var kind: Kind
    @Argument var arguments: [String] = []

    func run() async throws {
        switch self.kind {
        case .fixed: try await HandlerServer.run(FixedHandler())
        case .echo: try await HandlerServer.run(EchoHandler())
        case .wait: try await HandlerServer.run(WaitingHandler())
        case .fetch: try await FetchServer.run()
        case .fetchByAsyncHTTPClient: try await AsyncHTTPClientFetchServer.run()
        case .stores:
            try await StoreServer.run(folder: self.arguments.first ?? ".", redis: self.arguments.dropFirst().first)
        case .raw: try await RawServer.run()
        }
    }
}
