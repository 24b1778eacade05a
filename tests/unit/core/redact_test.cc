// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "offsetstore/uri.h"

namespace offsetstore {
namespace {

struct Example {
  std::string text;
  std::string redacted;
};

void CheckRedacted(const std::vector<Example>& table) {
  for (const auto& row : table) {
    const auto& [text, redacted] = row;
    CAPTURE(row.text);
    CHECK(Redacted(text) == redacted);
    CHECK(Redacted(redacted) == redacted);
  }
}

TEST_CASE("a secret under a key with a slip of the pen is hidden") {
  for (const char* key : {"pasword", "passwordd", "psasword", "pazsword", "secrte", "auth"}) {
    CAPTURE(key);
    const std::string uri = std::string("redis://h/0?") + key + "=hunter2&prefix=p";
    CHECK(Redacted(uri) == std::string("redis://h/0?") + key + "=***&prefix=p");
  }
  CHECK(Redacted("redis://h/0?prefix=hunter2") == "redis://h/0?prefix=hunter2");
}

TEST_CASE("text without a secret stays as it is") {
  for (const std::string text : {"",
                                 "plain words, 100% = all; a@b.c",
                                 "file:///var/lib/app?sync=always",
                                 "kafka://b1:9092,[::1]:9093?config=/etc/a@b",
                                 "sqlite:///home/a@b/x.db",
                                 "redis://user@host/0",
                                 "redis://h?password-file=/run/secret&password-env=REDIS",
                                 "kafka://h:99999: a port is 1 to 65535",
                                 "(kafka://b1:9092) [uri=kafka://b1:9092,[::1]:1] kafka://h:1.",
                                 "[uri=redis://h?password-env=REDIS_2]",
                                 "password-file=, password-env=, PGPASSWORD or else",
                                 "write password-env= and a name",
                                 "ssl.key.location=/etc/key.pem",
                                 "redis://h?password-file=run%2Fsecret",
                                 "write to bob@host, or at 10:30:12 to a:1,b@c",
                                 "sasl.username=bob",
                                 "at 10:30: wrong password for bob@host",
                                 "the token is missing"}) {
    CHECK(Redacted(text) == text);
  }
}

TEST_CASE("the password of a URI is hidden") {
  CheckRedacted({
      {"redis://user:hunter2@h:6379/0", "redis://user:***@h:6379/0"},
      {"redis://:hunter2@h", "redis://:***@h"},
      {"redis://u:hun@ter2@h", "redis://u:***@h"},
      {"redis://u:hun/ter2@h", "redis://u:***@h"},
      {"redis://u:hun?ter2@h", "redis://u:***@h"},
      {"redis://u:hun#ter2@h", "redis://u:***@h"},
      {"redis://u:hun:ter2@[::1]:1", "redis://u:***@[::1]:1"},
      {"redis://user:hunter2", "redis://user:***"},
      {"kafka://h1:9092,user:hunter2", "kafka://h1:9092,user:***"},
      {"[redis://user:hunter2]", "[redis://user:***"},
      {"redis://user:12hunter2: refused", "redis://user:*** refused"},
      {"redis://h?password-env=hunter2&x=1", "redis://h?password-env=***&x=1"},
      {"redis://h?x=1 password-env=hunter2", "redis://h?x=1 password-env=***"},
      {"redis://h?password-file=hunter2&x=1", "redis://h?password-file=***&x=1"},
      {"redis://h?x=1 password-file=hunter2", "redis://h?x=1 password-file=***"},
      {"postgresql://u:p@h/db?sslpassword=hunter2&application-name=x",
       "postgresql://u:***@h/db?sslpassword=***&application-name=x"},
      {"redis://h?password=hunter2", "redis://h?password=***"},
      {"redis://u@h?token=hunter2&x=1", "redis://u@h?token=***&x=1"},
  });
}

TEST_CASE("a user's password before a host is hidden without a scheme too") {
  CheckRedacted({
      {"u:hunter2@h:9092", "u:***@h:9092"},
      {"at b1:9092,u:hunter2@h: timed out", "at b1:9092,u:***@h: timed out"},
      {"bootstrap.servers=u:hunter2@h", "bootstrap.servers=u:***@h"},
  });
}

TEST_CASE("a URI within a text loses its password and the text stays") {
  CheckRedacted({
      {"cannot open redis://u:hunter2@h/0: refused", "cannot open redis://u:***@h/0: refused"},
      {"from 'redis://u:hunter2@h' to \"redis://v:hunter3@i\"",
       "from 'redis://u:***@h' to \"redis://v:***@i\""},
      {"uri=redis://u:hunter2@h", "uri=redis://u:***@h"},
      {"http://proxy?to=redis://u:hunter2@h", "http://proxy?to=redis://u:***@h"},
      {"(postgresql://h/db?password=hunter2)", "(postgresql://h/db?password=***"},
  });
}

TEST_CASE("a URI within a URI loses its password, percent-encoded or not") {
  CheckRedacted({
      {"dual:?primary=redis://u:hunter2@h&secondary=file:///x",
       "dual:?primary=redis://u:***@h&secondary=file:///x"},
      {"dual:?primary=redis%3A%2F%2Fu%3Ahunter2%40h&secondary=file:///x",
       "dual:?primary=redis://u:***@h&secondary=file:///x"},
      {"dual:?primary=postgresql://h/d%3Fpassword%3Dhunter2",
       "dual:?primary=postgresql://h/d%3Fpassword%3D***"},
      {"dual:?primary=redis://u:hunter2@h&secondary=redis://v:hunter3@i",
       "dual:?primary=redis://u:***@h&secondary=redis://v:***@i"},
      {"dual:?primary=redis:%2F%2Fu:hunter2%40h", "dual:?primary=redis://u:***@h"},
      {"dual:?primary=%72edis://u:hunter2%40h", "dual:?primary=redis://u:***@h"},
      {"dual:?primary=redis://u:hun%2525ter2@h&x=1", "dual:?primary=redis://u:***@h&x=1"},
      {"dual:?primary=redis%3A//u:hun%20ter2%40h&x=1", "dual:?primary=redis://u:***@h&x=1"},
      {"dual:?primary=postgresql%3A%2F%2Fh%2Fd%3Fpassword%3Dhunter2%26x%3D1",
       "dual:?primary=postgresql://h/d%3Fpassword%3D***%26x%3D1"},
      {"dual:?primary=dual%3A%3Fprimary%3Dredis%253A%252F%252Fu%253Ahunter2%2540h",
       "dual:?primary=dual:%3Fprimary%3Dredis://u:***@h"},
      {"cannot open dual:?primary=redis%3A%2F%2Fu%3Ahunter2%40h: refused",
       "cannot open dual:?primary=redis://u:***@h: refused"},
  });
}

TEST_CASE("percent-encoded text without a secret stays as it is") {
  for (const std::string text : {"dual:?primary=sqlite:%2F%2F%2Fa%20b.db&secondary=file:///x%26y",
                                 "a%20b%zz%2",
                                 "100%25 of %41%",
                                 "kafka%3A%2F%2Fb1%3A9092"}) {
    CHECK(Redacted(text) == text);
  }
}

TEST_CASE("the value of a secret key is hidden") {
  CheckRedacted({
      {"sasl.password=hunter2", "sasl.password=***"},
      {"sasl.password=hunter2 with blanks", "sasl.password=***"},
      {"sasl.password=hunter2\nsasl.username=bob", "sasl.password=***\nsasl.username=bob"},
      {"password = hunter2", "password = ***"},
      {"password =\thunter2 more", "password =\t***"},
      {"host=h password=hunter2 dbname=x", "host=h password=*** dbname=x"},
      {"host=h password='hun ter2' dbname=x", "host=h password=*** dbname=x"},
      {"password='hun\\' ter2' dbname=x", "password=*** dbname=x"},
      {"password='hunter2 without its end", "password=***"},
      {"SASL_PASSWORD=hunter2", "SASL_PASSWORD=***"},
      {"password=hun&ter2", "password=***"},
      {"(password=hunter2", "(password=***"},
      {R"(sasl.jaas.config=PlainLoginModule required username="u" password="hunter2";)",
       "sasl.jaas.config=***"},
      {"password=", "password=***"},
      {"my.password==hunter2", "my.password=***"},
  });
}

TEST_CASE("keys whose value must not be shown are known") {
  for (const char* key : {"password",
                          "sasl.password",
                          "ssl.key.password",
                          "ssl.keystore.password",
                          "ssl.key.pem",
                          "sslpassword",
                          "SASL.PASSWORD",
                          "sasl_password",
                          "client-secret",
                          "sasl.oauthbearer.client.secret",
                          "sasl.oauthbearer.config",
                          "sasl.jaas.config",
                          "token",
                          "access-token",
                          "api-key",
                          "private_key",
                          "passphrase"}) {
    CAPTURE(key);
    CHECK(IsSecretKey(key));
  }
}

TEST_CASE("keys whose value may be shown are not taken for secret ones") {
  for (const char* key : {"",
                          "sasl.username",
                          "password-file",
                          "password-env",
                          "ssl.key.location",
                          "ssl.certificate.location",
                          "sasl.oauthbearer.token.endpoint.url",
                          "bootstrap.servers",
                          "group.id",
                          "key",
                          "sync",
                          "passive"}) {
    CAPTURE(key);
    CHECK_FALSE(IsSecretKey(key));
  }
  CHECK_FALSE(IsSecretKey(std::string(10000, 'x')));
  CHECK(IsSecretKey(std::string(10000, 'x') + ".password"));
}

TEST_CASE("a long text is redacted in a single pass") {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "word:/ a=b @ ";
  CHECK(Redacted(text) == text);
  for (const std::string piece : {"x",
                                  " ",
                                  "+",
                                  "a+",
                                  "a=",
                                  "password-env=",
                                  "password-env= ",
                                  "password-env=A ",
                                  ":",
                                  "=",
                                  "'",
                                  "http://a?b=",
                                  "http://a?b=%41",
                                  "a:?b=%25",
                                  "%"}) {
    std::string longer;
    for (int i = 0; i < 100000; ++i) longer += piece;
    CHECK(Redacted(longer).size() <= longer.size());
  }
}

}  // namespace
}  // namespace offsetstore
