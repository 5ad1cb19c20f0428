/// `[outbound_http]`, `[outbound_networking]` and `[[client_tls]]`.
extension RuntimeConfigDecoder {
    func readNetwork(_ reader: inout TableReader, into config: inout RuntimeConfig) {
        if let section = self.section("outbound_http", &reader) {
            config.outboundHTTP = self.outboundHTTP(section)
            if let count = config.outboundHTTP.maxConnections {
                config.summary.append("[outbound_http: max_connections=\(count)]")
            }
        }
        if let section = self.section("outbound_networking", &reader) {
            config.network = self.network(section)
            if let count = config.network.maxTotalConnections {
                config.summary.append("[outbound_networking: max_total_connections=\(count)]")
            }
        }
        config.clientTLS = self.tables("client_tls", &reader).compactMap { self.clientTLS($0.reader) }
    }

    private func section(_ key: String, _ reader: inout TableReader) -> TableReader? {
        guard let (table, position) = reader.subtable(key) else { return nil }
        return TableReader(table, path: key, position: position, collector: self.collector)
    }

    private func outboundHTTP(_ table: TableReader) -> OutboundHTTPConfig {
        var reader = table
        var config = OutboundHTTPConfig()
        // Spin documents this default, and takes `false` where the table is there without the key.
        config.poolsConnections = reader.boolean("connection_pooling") ?? true
        config.maxConnections = self.limit("max_connections", &reader)
        if let entry = reader.entry("max_concurrent_requests") {
            let field = reader.field("max_concurrent_requests")
            if config.maxConnections != nil {
                self.collector.error(
                    field, "`max_connections` says the same, and is there too", at: entry.keyPosition,
                    hint: "remove `max_concurrent_requests`")
            } else if let limit = self.limit("max_concurrent_requests", &reader) {
                // As in Spin, which let one more through than it said.
                config.maxConnections = limit == .max ? limit : limit + 1
                self.collector.warning(
                    field, "this key is deprecated, and lets one more connection be made than it says",
                    at: entry.keyPosition, hint: "write `max_connections`")
            }
        }
        reader.finish()
        return config
    }

    private func network(_ table: TableReader) -> OutboundNetworkConfig {
        var reader = table
        var config = OutboundNetworkConfig()
        var networks: [IPNetwork] = []
        var blocksPrivate = false
        for (text, position) in reader.strings("block_networks") ?? [] {
            if text == "private" {
                blocksPrivate = true
            } else if let network = IPNetwork(text) {
                networks.append(network)
            } else {
                self.collector.error(
                    reader.field("block_networks"), "`\(text)` is no network", at: position,
                    hint: "it may be `private`, or a network such as `10.0.0.0/8` or `fd00::/8`")
            }
        }
        config.blocked = BlockedNetworks(networks, blocksPrivate: blocksPrivate)
        config.maxSocketConnections = self.limit("max_socket_connections", &reader)
        config.maxTotalConnections = self.limit("max_total_connections", &reader)
        reader.finish()
        return config
    }

    private func clientTLS(_ table: TableReader) -> ClientTLSConfig? {
        var reader = table
        let components = self.nonEmpty("component_ids", &reader)
        let hosts = self.nonEmpty("hosts", &reader).compactMap { self.host($0.text, at: $0.position, reader) }
        let platform = reader.boolean("ca_use_platform_roots")
        let webPKI = reader.boolean("ca_use_webpki_roots")
        let roots = self.file("ca_roots_file", &reader)
        let certificate = self.file("client_cert_file", &reader)
        let key = self.file("client_private_key_file", &reader)
        reader.finish()
        let trustsSystem = platform == nil && webPKI == nil ? roots == nil : platform == true || webPKI == true
        if !trustsSystem, roots == nil {
            self.collector.error(
                reader.path, "no certificate authority is trusted", at: reader.position,
                hint: "set `ca_use_platform_roots = true`, or name a `ca_roots_file`")
        }
        if (certificate == nil) != (key == nil) {
            let (given, missing) =
                certificate != nil
                ? ("client_cert_file", "client_private_key_file") : ("client_private_key_file", "client_cert_file")
            self.collector.error(
                reader.field(given), "`\(given)` needs `\(missing)`",
                at: (certificate ?? key)?.position ?? reader.position)
        }
        return ClientTLSConfig(
            componentIDs: components.map(\.text), hosts: hosts, trustsSystemRoots: trustsSystem, rootsFile: roots,
            certificateFile: certificate, privateKeyFile: key)
    }

    // MARK: Values

    /// A number of connections; 0 allows none.
    func limit(_ key: String, _ reader: inout TableReader) -> Int? {
        guard let value = reader.value(key) else { return nil }
        guard case .integer(let number) = value.content, number >= 0, let count = Int(exactly: number) else {
            self.collector.error(reader.field(key), "expected a number, 0 or above", at: value.position)
            return nil
        }
        return count
    }

    private func nonEmpty(_ key: String, _ reader: inout TableReader) -> [(text: String, position: SourcePosition)] {
        guard reader.table.entry(key) != nil else {
            _ = reader.entry(key)
            reader.missing(key)
            return []
        }
        guard let list = reader.strings(key) else { return [] }
        if list.isEmpty {
            self.collector.error(
                reader.field(key), "the list is empty", at: reader.table[key]?.position ?? reader.position)
        }
        return list
    }

    private func host(_ text: String, at position: SourcePosition, _ reader: TableReader) -> String? {
        switch OutboundHost(text) {
        case .ipv6(let number)?: return OutboundHost.text(ipv6: number)
        case let host?: return host.description
        case nil:
            self.collector.error(
                reader.field("hosts"), "`\(text)` is no host", at: position,
                hint: "write a name or an address, without scheme and port")
            return nil
        }
    }

    private func file(_ key: String, _ reader: inout TableReader) -> ClientTLSConfig.File? {
        guard let path = reader.string(key) else { return nil }
        return ClientTLSConfig.File(
            path: self.paths.absolute(path, self.paths.fileDirectory), field: reader.field(key),
            position: reader.table[key]?.position ?? reader.position)
    }
}
