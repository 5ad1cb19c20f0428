import Subprocess

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A program that keeps credentials for Docker: `docker-credential-NAME`
/// (github.com/docker/docker-credential-helpers).
struct CredentialHelper {
    let name: String
    let environment: Subprocess.Environment

    /// What it has for a registry; nil when it has nothing, or is not there.
    func credentials(for server: String) async -> (user: String, secret: String)? {
        struct Answer: Decodable {
            var user: String
            var secret: String

            enum CodingKeys: String, CodingKey {
                case user = "Username"
                case secret = "Secret"
            }
        }
        let result = try? await Subprocess.run(
            .name("docker-credential-\(self.name)"), arguments: ["get"], environment: self.environment,
            input: .string(server), output: .bytes(limit: 1 << 16), error: .discarded)
        guard let result, case .exited(0) = result.terminationStatus,
            let answer = try? JSONDecoder().decode(Answer.self, from: Data(result.standardOutput))
        else { return nil }
        return (answer.user, answer.secret)
    }
}
