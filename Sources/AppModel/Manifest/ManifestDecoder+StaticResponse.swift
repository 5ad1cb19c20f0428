/// `static_response` of an HTTP trigger: an answer without a component (`spin-parity.md` 1.6).
extension ManifestDecoder {
    func decodeStaticResponse(_ reader: inout TableReader) {
        guard let entry = reader.table.entry("static_response") else { return }
        guard let (table, position) = reader.subtable("static_response") else { return }
        if reader.table.entry("component") != nil {
            self.collector.error(
                reader.field("static_response"), "a trigger has either a component or a static response",
                at: entry.keyPosition, hint: "remove one of the two")
        }
        var response = TableReader(
            table, path: reader.field("static_response"), position: position, collector: self.collector)
        if let status = response.value("status_code") {
            let field = response.field("status_code")
            if case .integer(let code) = status.content {
                if !(200...999).contains(code) {
                    self.collector.error(field, "\(code) is no status of a response", at: status.position)
                }
            } else {
                response.wrongKind(field, status, expected: "a number such as 200")
            }
        }
        for (entry, text) in response.stringTable("headers") {
            let isToken = { (byte: UInt8) in byte > 0x20 && byte < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte) }
            let field = TableReader.join(response.field("headers"), entry.key)
            if entry.key.isEmpty || !entry.key.utf8.allSatisfy(isToken) {
                self.collector.error(field, "`\(entry.key)` is no header name", at: entry.keyPosition)
            } else if text.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
                self.collector.error(field, "a header must not hold control characters", at: entry.value.position)
            }
        }
        _ = response.string("body")
        response.finish()
    }
}
