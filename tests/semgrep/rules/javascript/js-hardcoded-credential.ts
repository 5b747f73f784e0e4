import { Sequelize } from "sequelize";

// ruleid: js-hardcoded-credential
export const database = new Sequelize("shop", "app", "violet-7-lamp", { dialect: "postgres" });

// ok: js-hardcoded-credential
export const databaseSafe = new Sequelize("shop", "app", process.env.DB_PASSWORD!, { dialect: "postgres" });
