import AppModel
import NIOCore
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Access: what is shown to the registry, and what its refusals mean. No message holds a token or password.
extension RegistryClient {
    /// What the request is to be sent again with. Throws when there is nothing.
    func authorization(_ answer: HTTPExchange.Answer, _ repository: String, _ actions: String) async throws -> String? {
        let challenges = answer.headers["www-authenticate"].compactMap { RegistryChallenge($0) }
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            if case .bearer(let token) = self.endpoint.credentials?.secret { return "Bearer \(token)" }
            do {
                return "Bearer \(try await self.token(bearer, repository, actions, self.endpoint.credentials))"
            } catch let error as FetchError where !error.isUnreachable && self.endpoint.credentials != nil {
                // What is public may need none.
                do {
                    return "Bearer \(try await self.token(bearer, repository, actions, nil))"
                } catch {}
                throw error
            }
        }
        switch self.endpoint.credentials?.secret {
        case .password(let user, let password): return Self.basic(user, password)
        case .bearer(let token): return "Bearer \(token)"
        // Without them the second answer is the same, and says why.
        case .identity, nil: return nil
        }
    }

    static func basic(_ user: String, _ password: String) -> String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }

    /// Asks the token service (distribution's `docs/spec/auth/token.md`).
    private func token(
        _ challenge: RegistryChallenge, _ repository: String, _ actions: String, _ credentials: RegistryCredentials?
    ) async throws -> String {
        guard let realm = challenge.parameters["realm"], var components = URLComponents(string: realm),
            ["http", "https"].contains(components.scheme ?? "")
        else { throw FetchError("\(self.name) asks for a token, but does not say where to get it") }
        guard components.scheme == "https" || self.endpoint.usesPlainHTTP else {
            throw FetchError("\(self.name) sends to `\(Self.clean(realm))` for a token, which is not encrypted")
        }
        var fields: [(String, String)] = []
        if let scope = challenge.parameters["scope"] {
            fields.append(("scope", scope))
        } else if !repository.isEmpty {
            fields.append(("scope", "repository:\(repository):\(actions)"))
        }
        if let service = challenge.parameters["service"] { fields.insert(("service", service), at: 0) }

        var request: HTTPExchange.Request
        if case .identity(let token) = credentials?.secret {
            fields += [("grant_type", "refresh_token"), ("client_id", "swirl"), ("refresh_token", token)]
            guard let url = components.url else { throw FetchError("\(self.name) names no address for tokens") }
            request = HTTPExchange.Request(url)
            request.method = .POST
            request.headers = [("content-type", "application/x-www-form-urlencoded")]
            request.body = .bytes(Array(Self.form(fields).utf8))
        } else {
            let query = [components.percentEncodedQuery, Self.form(fields)].compactMap { $0 }.filter { !$0.isEmpty }
            components.percentEncodedQuery = query.joined(separator: "&")
            guard let url = components.url else { throw FetchError("\(self.name) names no address for tokens") }
            request = HTTPExchange.Request(url)
            if case .password(let user, let password) = credentials?.secret {
                request.headers = [("authorization", Self.basic(user, password))]
            }
        }
        var exchange = self.exchange
        exchange.timeLimit = .seconds(60)
        let (answer, body) = try await exchange.collect(request, limit: 1 << 20)
        guard answer.status == 200 else {
            guard let credentials else {
                throw FetchError("\(self.name) gives no access without a login: \(answer.status)" + self.loginHint)
            }
            throw FetchError(
                "\(self.name) does not accept the credentials in \(credentials.origin): \(answer.status)"
                    + self.loginHint)
        }
        struct Answer: Decodable {
            var token: String?
            var accessToken: String?

            enum CodingKeys: String, CodingKey {
                case token
                case accessToken = "access_token"
            }
        }
        let found = try? JSONDecoder().decode(Answer.self, from: Data(body))
        guard let token = found?.token ?? found?.accessToken,
            !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw FetchError("the token service of \(self.name) answers without a token") }
        return token
    }

    private static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                if "-._~:/".utf8.contains(byte) {
                    result.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
                }
            }
        }
        return result
    }

    private var loginHint: String {
        "\n  hint: log in: `swirl registry login \(self.name)` or `docker login \(self.name)`"
    }

    /// What a refusal means.
    func refusal(_ answer: HTTPExchange.Answer, _ body: [UInt8], of name: String) -> FetchError {
        struct Problems: Decodable {
            struct Problem: Decodable {
                var code: String?
                var message: String?
            }
            var errors: [Problem]
        }
        let problem = (try? JSONDecoder().decode(Problems.self, from: Data(body)))?.errors.first
        let words = [problem?.code, problem?.message].compactMap { $0 }.map { Self.clean($0) }.filter { !$0.isEmpty }
        let reason = words.isEmpty ? Self.clean(answer.reason) : words.joined(separator: ": ")
        switch answer.status {
        case 401, 403:
            let who = self.endpoint.credentials.map { " with the credentials in \($0.origin)" } ?? " without a login"
            return FetchError(
                "\(self.name) gives no access to `\(name)`\(who): \(answer.status) \(reason)" + self.loginHint)
        case 404: return FetchError("there is no `\(name)`: \(answer.status) \(reason)")
        case 429, 500...: return FetchError("\(self.name) answers \(answer.status) \(reason)", isUnreachable: true)
        default: return FetchError("\(self.name) answers \(answer.status) \(reason) to a request for `\(name)`")
        }
    }

    /// Text of a server, fit for a terminal.
    static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }.prefix(200)))
    }
}
